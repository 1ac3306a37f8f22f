// Runs the audit of graphql-http against a GraphQL endpoint: `node graphql_http_audit.js URL KEY`.
// Prints a JSON list of { id, name, status: "ok" | "warn" | "error" | "notice", reason }; the exit status is 0 whatever it finds.

import { auditServer } from "graphql-http";

const [url, key] = process.argv.slice(2);

const fetchFn = (address, init = {}) => {
  const headers = new Headers(init.headers);
  headers.set("x-api-key", key);
  return fetch(address, { ...init, headers });
};

const results = await auditServer({ url, fetchFn });
const report = results.map(({ id, name, status, reason }) => ({ id, name, status, reason: reason ?? null }));
process.stdout.write(JSON.stringify(report));
