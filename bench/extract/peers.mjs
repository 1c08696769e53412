// The plain job by DuckDB or Polars: NAME SOURCE LIST OUT COLUMNS
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
const [name, source, list, out, columns] = process.argv.slice(2);

if (name === "duckdb") {
  const { DuckDBInstance } = require("@duckdb/node-api");
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  await db.run("SET preserve_insertion_order = false"); // it may write in any order; one thread a processor is its own choice
  const csv = (file) => `read_csv('${file}', header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
  await db.run(`COPY (SELECT ${columns} FROM ${csv(source)} s ANTI JOIN ${csv(list)} l USING (NEWNHSNO)) TO '${out}' (FORMAT csv, HEADER true)`);
} else {
  const pl = require("nodejs-polars");
  const options = { inferSchemaLength: 0 };
  const rows = pl.scanCSV(source, options).join(pl.scanCSV(list, options), { on: "NEWNHSNO", how: "anti" }).select(...columns.split(","));
  const plan = rows.sinkCSV(out);
  if (plan?.collect) await plan.collect();
}
