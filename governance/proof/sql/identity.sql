-- Each trigger, function, rule and column of ours, and each table of the ledger: its name, and which one of that name it is.
SELECT 'trigger ' || t.tgname || ' of ' || c.relname AS name, t.oid::text || '.' || t.xmin::text || '.' || t.tgenabled::text AS mark
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
UNION ALL
SELECT 'function ' || p.oid::regprocedure::text, p.oid::text || '.' || p.xmin::text FROM pg_proc p
WHERE p.pronamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT 'rule ' || r.rulename || ' of ' || c.relname, r.oid::text || '.' || r.xmin::text FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
UNION ALL
SELECT 'columns of ' || c.relname, sum(hashtextextended(a.attnum::text || '.' || a.xmin::text, 0))::text
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
GROUP BY c.oid, c.relname
UNION ALL
SELECT 'table ' || c.relname, c.oid::text || '.' || CASE WHEN c.relname LIKE 'ledger\_%' THEN c.relfilenode::text ELSE '' END || '.'
       || coalesce((SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(c.relacl) AS a), '')
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
