SELECT 'é', "ü" AS ñ; -- 😀
 SELECT '😀';X