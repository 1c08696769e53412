// Loads a file into DuckDB and asks it some queries: {source, file, runs, queries}. Of a
// cube the whole is its largest row; of any other the sum of its rows.
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const { DuckDBInstance } = require("@duckdb/node-api");
const { source, file, runs, queries } = JSON.parse(process.argv[2]);

const db = await (await DuckDBInstance.create(file)).connect();
const seconds = async (work) => {
  const begun = process.hrtime.bigint();
  const result = await work();
  return [Number(process.hrtime.bigint() - begun) / 1e9, result];
};
const [load] = await seconds(() => db.run(`CREATE TABLE e AS SELECT * FROM read_csv('${source}', header = true, delim = ',')`));
const answers = [];
for (const query of queries) {
  const took = [];
  let rows;
  for (let n = 0; n < runs; n++) {
    const [s, result] = await seconds(() => db.runAndReadAll(query));
    took.push(s);
    rows = result.getRows();
  }
  took.sort((a, b) => a - b);
  const cube = query.includes("CUBE");
  const counts = rows.map((row) => Number(row[cube ? row.length - 1 : query.includes("DISTINCT") ? row.length - 2 : row.length - 1]));
  answers.push({ Seconds: took[took.length >> 1], Total: cube ? Math.max(...counts) : counts.reduce((a, b) => a + b, 0) });
}
console.log(JSON.stringify({ Load: load, Answers: answers }));
process.exit(0);
