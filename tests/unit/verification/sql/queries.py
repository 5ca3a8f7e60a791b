"""Queries whose result depends on the order of rows, by kind, and queries whose result does not."""

ORDER_DEPENDENT = {
    "order_tie": (
        "SELECT title, price FROM book ORDER BY price DESC",
        "SELECT name, born FROM author ORDER BY born",
        "SELECT name FROM author ORDER BY city, born",
        "SELECT day, member FROM loan ORDER BY day",
    ),
    "limit_without_order": (
        "SELECT title FROM book LIMIT 1",
        "SELECT title FROM book LIMIT 2 OFFSET 1",
        "SELECT DISTINCT pages FROM book LIMIT 2",
        "SELECT name, (SELECT title FROM book b WHERE b.author_id = a.id LIMIT 1) AS t FROM "
        "author a",
        "WITH t AS (SELECT title FROM book LIMIT 2) SELECT title FROM t",
    ),
    "limit_on_tie": (
        "SELECT title FROM book ORDER BY price DESC LIMIT 1",
        "SELECT name FROM author ORDER BY born LIMIT 2",
        "SELECT member FROM loan ORDER BY day LIMIT 2",
        "SELECT title FROM book WHERE id IN (SELECT id FROM book ORDER BY price DESC LIMIT 1)",
        "SELECT title FROM book ORDER BY CASE WHEN pages > 50 THEN 1 ELSE 0 END LIMIT 1",
    ),
    "bare_column": (
        "SELECT author_id, title, SUM(price) AS s FROM book GROUP BY author_id",
        "SELECT title, COUNT(*) AS n FROM book",
        "SELECT pages, title, MAX(price) AS m FROM book WHERE price = 12 GROUP BY pages",
        "SELECT name, city FROM author GROUP BY city",
        "SELECT a.name FROM author a JOIN book b ON b.author_id = a.id GROUP BY b.pages",
    ),
    "concatenation_order": (
        "SELECT author_id, group_concat(title) AS t FROM book GROUP BY author_id",
        "SELECT group_concat(name) AS t FROM author",
        "SELECT json_group_array(title) AS t FROM book",
    ),
    "window_on_tie": (
        "SELECT title, ROW_NUMBER() OVER (ORDER BY pages) AS r FROM book",
        "SELECT title, ROW_NUMBER() OVER () AS r FROM book",
        "SELECT title, FIRST_VALUE(title) OVER (ORDER BY price DESC) AS f FROM book",
        "SELECT title, LAG(title) OVER (ORDER BY pages) AS f FROM book",
        "SELECT title, LEAD(title) OVER (PARTITION BY pages ORDER BY price IS NULL) AS f FROM book",
        "SELECT title, LAST_VALUE(title) OVER (ORDER BY pages ROWS BETWEEN UNBOUNDED "
        "PRECEDING AND UNBOUNDED FOLLOWING) AS f FROM book",
        "SELECT title, NTILE(2) OVER (ORDER BY pages) AS f FROM book",
        "SELECT title, SUM(pages) OVER (ORDER BY pages ROWS UNBOUNDED PRECEDING) AS s FROM book",
        "SELECT * FROM (SELECT title, pages, ROW_NUMBER() OVER (PARTITION BY pages ORDER BY "
        "pages) AS n FROM book) WHERE n = 1",
    ),
    "row_order": (
        "SELECT title FROM book WHERE author_id = (SELECT id FROM author WHERE born IN "
        "(1950, 1980))",
        "SELECT name, (SELECT title FROM book b WHERE b.author_id = a.id) AS t FROM author a",
    ),
}
STEADY = (
    "SELECT title FROM book",
    "SELECT title FROM book ORDER BY id LIMIT 2 OFFSET 1",
    "SELECT DISTINCT city FROM author",
    "SELECT author_id, COUNT(*) AS n FROM book GROUP BY author_id",
    "SELECT a.name, COUNT(b.id) AS n FROM author a LEFT JOIN book b ON b.author_id = "
    "a.id GROUP BY a.id, a.name",
    "SELECT author_id, MAX(price) AS top FROM book GROUP BY author_id",
    "SELECT title, RANK() OVER (ORDER BY price DESC) AS r FROM book",
    "SELECT title, DENSE_RANK() OVER (ORDER BY price DESC) AS r FROM book",
    "SELECT title, ROW_NUMBER() OVER (ORDER BY price DESC, id) AS r FROM book",
    "SELECT title, LAG(title) OVER (ORDER BY id) AS p FROM book",
    "SELECT title, SUM(pages) OVER (ORDER BY sold) AS s FROM book",
    "SELECT title, SUM(pages) OVER (PARTITION BY author_id) AS s FROM book",
    "SELECT title, pages * 100.0 / SUM(pages) OVER () AS share FROM book",
    "SELECT title, FIRST_VALUE(title) OVER (PARTITION BY author_id ORDER BY id) AS f FROM book",
    "SELECT author_id, group_concat(title, ', ') AS t FROM (SELECT author_id, title FROM "
    "book ORDER BY title, id) GROUP BY author_id",
    "SELECT * FROM (SELECT title, price, ROW_NUMBER() OVER (PARTITION BY author_id ORDER "
    "BY price DESC, id) AS n FROM book) WHERE n = 1",
    "WITH top AS (SELECT author_id, MAX(price) AS p FROM book GROUP BY author_id) SELECT "
    "b.title FROM book b JOIN top t ON t.author_id = b.author_id AND t.p = b.price",
    "SELECT title FROM book WHERE price = (SELECT MAX(price) FROM book)",
    "SELECT name FROM author WHERE id IN (SELECT author_id FROM book)",
    "SELECT name FROM author a WHERE NOT EXISTS (SELECT 1 FROM book b WHERE b.author_id = a.id)",
    "SELECT name FROM author WHERE id NOT IN (SELECT author_id FROM book WHERE author_id "
    "IS NOT NULL)",
    "SELECT title, (SELECT name FROM author a WHERE a.id = b.author_id) AS author FROM book b",
    "SELECT title, (SELECT name FROM author a WHERE a.id = b.author_id LIMIT 1) AS "
    "author FROM book b",
    "SELECT name, (SELECT title FROM book b WHERE b.author_id = a.id ORDER BY b.id DESC "
    "LIMIT 1) AS last FROM author a",
    "SELECT city FROM author WHERE city IS NOT NULL UNION SELECT title FROM book",
    "SELECT city AS x FROM author UNION ALL SELECT title FROM book",
    "SELECT city FROM author EXCEPT SELECT 'Bonn'",
    "SELECT strftime('%Y-%m', sold) AS month, COUNT(*) AS n FROM book GROUP BY month",
    "SELECT strftime('%Y', sold) AS year, SUM(price) AS s FROM book WHERE sold IS NOT "
    "NULL GROUP BY strftime('%Y', sold) HAVING COUNT(*) > 1",
    "SELECT julianday(sold) - julianday('2025-01-01') AS days, title FROM book",
    "SELECT date(sold, '+1 month') AS d, title FROM book",
    "SELECT name, CASE WHEN born < 1955 THEN 'old' WHEN born IS NULL THEN '?' ELSE "
    "'young' END AS age FROM author",
    "SELECT COALESCE(city, 'unknown') AS city, COUNT(*) AS n FROM author GROUP BY "
    "COALESCE(city, 'unknown')",
    "SELECT a.name AS x, b.name AS y FROM author a JOIN author b ON a.city = b.city AND "
    "a.id < b.id",
    "SELECT m.name, COUNT(*) AS n FROM member m JOIN loan l ON l.member = m.code GROUP BY m.code",
    "SELECT name FROM member WHERE name = 'AMIR'",
    "SELECT COUNT(DISTINCT author_id) AS n, AVG(price) AS a, TOTAL(price) AS t FROM book",
    "SELECT ROUND(AVG(price), 2) AS a FROM book",
    "SELECT MIN(title) AS first FROM book",
    "SELECT author_id FROM book GROUP BY author_id HAVING SUM(pages) > 100",
    "SELECT member, COUNT(*) AS n FROM loan WHERE day BETWEEN '2025-03-01' AND "
    "'2025-03-31' GROUP BY member",
    "SELECT title FROM book WHERE lower(title) LIKE 'j%'",
    "SELECT upper(substr(title,1,1)) AS letter, COUNT(*) AS n FROM book GROUP BY 1",
    "SELECT NTILE(2) OVER (ORDER BY id) AS half, title FROM book",
    "SELECT title, pages FROM book WHERE pages > (SELECT AVG(pages) FROM book)",
    "SELECT b.title, l.day FROM book b CROSS JOIN loan l WHERE l.book_id = b.id",
    "SELECT json_extract('{\"a\":' || pages || '}', '$.a') AS p FROM book",
    "SELECT printf('%05.2f', price) AS p FROM book WHERE price IS NOT NULL",
    "SELECT author_id, title, MAX(pages) AS p FROM book WHERE author_id IS NOT NULL AND "
    "id <> 6 GROUP BY author_id",
    "SELECT SUM(price) FILTER (WHERE pages > 100) AS s FROM book",
    "SELECT name FROM author ORDER BY length(name), name LIMIT 3",
    "SELECT EXISTS (SELECT 1 FROM book WHERE price > 15) AS any",
    "SELECT max(pages, 100) AS p, title FROM book",
    "SELECT pages, group_concat(DISTINCT 'x') AS x FROM book GROUP BY pages",
    "SELECT city, born FROM author GROUP BY city, born",
    "SELECT a.city, COUNT(*) AS n FROM author a JOIN book b ON a.id = b.author_id GROUP "
    "BY a.city HAVING COUNT(*) > 1",
    "SELECT title FROM book WHERE pages IN (SELECT pages FROM book GROUP BY pages HAVING "
    "COUNT(*) > 1)",
    "SELECT x.n, COUNT(*) AS c FROM (SELECT COUNT(*) AS n FROM loan GROUP BY member) AS "
    "x GROUP BY x.n",
    "SELECT title, SUM(pages) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT "
    "ROW) AS s FROM book",
    "SELECT (SELECT COUNT(*) FROM author) AS a, (SELECT COUNT(*) FROM book) AS b",
    "SELECT t.title FROM book t WHERE (SELECT COUNT(*) FROM book u WHERE u.pages > t.pages) < 2",
    "SELECT total(pages) AS t FROM book NATURAL JOIN loan",
    "SELECT oid, title FROM book",
)
STEADY_AND_ORDERED = (
    "SELECT title, price FROM book ORDER BY price DESC, id",
    "SELECT title FROM book ORDER BY id LIMIT 2",
    "SELECT a.name, COUNT(b.id) AS n FROM author a LEFT JOIN book b ON b.author_id = "
    "a.id GROUP BY a.id ORDER BY n DESC, a.name",
    "SELECT badge FROM member ORDER BY name",
    "SELECT DISTINCT name FROM member ORDER BY name",
    "SELECT joined, COUNT(*) AS n FROM member GROUP BY joined ORDER BY joined",
    "SELECT title, price FROM priced ORDER BY price DESC, title",
    "SELECT title FROM book ORDER BY title, author_id",
    "SELECT title FROM book ORDER BY title",
    "SELECT rowid, title FROM book ORDER BY rowid",
    "SELECT l.member, l.day FROM loan l ORDER BY l.day, l.member, l.book_id",
    "WITH RECURSIVE days(d) AS (SELECT '2025-03-01' UNION ALL SELECT date(d, '+1 day') "
    "FROM days WHERE d < '2025-03-05') SELECT d, COUNT(l.day) AS n FROM days LEFT JOIN "
    "loan l ON l.day = d GROUP BY d ORDER BY d",
    "SELECT name, born FROM author ORDER BY born NULLS LAST, name",
    "SELECT b.title, COUNT(l.day) AS n FROM book b LEFT JOIN loan l ON l.book_id = b.id "
    "GROUP BY b.id HAVING n >= 1 ORDER BY n DESC, b.id",
    "SELECT title FROM book ORDER BY price IS NULL, price DESC, title",
    "SELECT DISTINCT a.name FROM author a JOIN book b ON b.author_id=a.id ORDER BY a.name LIMIT 2",
    "SELECT iif(price > 10, 'dear', 'cheap') AS k, COUNT(*) AS n FROM book GROUP BY k ORDER BY k",
    "SELECT title, price FROM book WHERE price BETWEEN 5 AND 12 ORDER BY price, title, author_id",
)
