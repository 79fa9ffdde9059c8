SELECT 'ünï;cødé' AS "näme", 日本語;
