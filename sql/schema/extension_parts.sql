-- What is on objects of extensions: columns, constraints, indexes, triggers, policies, rules, comments,
-- labels. The extension's script and users put them there, and the catalog does not say who.
-- quiet: it came in the transaction that made the object, so probably by the script. digest is what two
-- databases have to agree on.
-- params: none
-- columns: text text!, digest text, extension text, quiet bool!
WITH member AS MATERIALIZED (
    SELECT d.classid, d.objid, x.extname::text AS extname, d.xmin AS born
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_extension x ON x.oid = d.refobjid AND x.extname <> 'plpgsql'
    WHERE d.deptype = 'e' AND d.refclassid = 3079
), rel AS MATERIALIZED (
    SELECT m.objid AS oid, m.objid::pg_catalog.regclass::text AS name, m.extname, m.born
    FROM member m JOIN pg_catalog.pg_class c ON c.oid = m.objid
    WHERE m.classid = 1259 AND c.relkind IN ('r', 'p', 'f', 'm', 'v')
), part AS (
    SELECT r.extname, 'column ' || r.name || '.' || pg_catalog.quote_ident(a.attname) AS text,
           concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                     a.attgenerated, (SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid)
                                      FROM pg_catalog.pg_attrdef d
                                      WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum)) AS digest,
           a.xmin = r.born AS quiet
    FROM rel r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT r.extname, 'constraint ' || pg_catalog.quote_ident(k.conname) || ' on ' || r.name,
           pg_catalog.pg_get_constraintdef(k.oid), k.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid AND k.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT r.extname, 'index ' || i.indexrelid::pg_catalog.regclass::text || ' on ' || r.name,
           pg_catalog.pg_get_indexdef(i.indexrelid), i.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k
                      WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid)
    UNION ALL
    SELECT r.extname, 'trigger ' || pg_catalog.quote_ident(t.tgname) || ' on ' || r.name,
           pg_catalog.pg_get_triggerdef(t.oid) || ' ' || t.tgenabled::text, t.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT r.extname, 'policy ' || pg_catalog.quote_ident(p.polname) || ' on ' || r.name,
           concat_ws(' ', p.polcmd, p.polpermissive,
                     (SELECT string_agg(pg_catalog.pg_get_userbyid(u.id)::text, ',' ORDER BY u.id)
                      FROM unnest(p.polroles) AS u (id)),
                     pg_catalog.pg_get_expr(p.polqual, p.polrelid),
                     pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)), p.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_policy p ON p.polrelid = r.oid
    UNION ALL
    SELECT r.extname, 'rule ' || pg_catalog.quote_ident(w.rulename) || ' on ' || r.name,
           pg_catalog.pg_get_ruledef(w.oid) || ' ' || w.ev_enabled::text, w.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT r.extname, 'publication ' || pg_catalog.quote_ident(b.pubname) || ' of ' || r.name, '',
           p.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_publication_rel p ON p.prrelid = r.oid
    JOIN pg_catalog.pg_publication b ON b.oid = p.prpubid
    UNION ALL
    SELECT r.extname, 'settings of ' || r.name,
           concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions::text),
           c.xmin = r.born
    FROM rel r JOIN pg_catalog.pg_class c ON c.oid = r.oid
    WHERE c.relrowsecurity OR c.relforcerowsecurity OR c.reloptions IS NOT NULL OR c.relreplident NOT IN ('d', 'n')
    UNION ALL
    SELECT m.extname, 'comment on ' || pg_catalog.pg_describe_object(d.classoid, d.objoid, d.objsubid),
           d.description, d.xmin = m.born
    FROM member m JOIN pg_catalog.pg_description d ON d.classoid = m.classid AND d.objoid = m.objid
    UNION ALL
    SELECT m.extname, 'security label of ' || pg_catalog.quote_ident(s.provider) || ' on '
           || pg_catalog.pg_describe_object(s.classoid, s.objoid, s.objsubid), s.label, s.xmin = m.born
    FROM member m JOIN pg_catalog.pg_seclabel s ON s.classoid = m.classid AND s.objoid = m.objid)
SELECT p.text || ', of extension ' || pg_catalog.quote_ident(p.extname) AS text, p.digest,
       p.extname AS extension, p.quiet
FROM part p
ORDER BY 1;
