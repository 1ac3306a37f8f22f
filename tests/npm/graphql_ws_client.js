// Runs operations through the client of graphql-ws: `node graphql_ws_client.js URL KEY < operations.json`, a list of payloads.
// Prints a JSON list: for each { values } or { error }, an error being a list of GraphQL errors or { code, reason } of a close.

import { readFileSync } from "node:fs";

import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, key] = process.argv.slice(2);
const client = createClient({
  url,
  webSocketImpl: WebSocket,
  connectionParams: { "x-api-key": key },
  lazy: true,
  lazyCloseTimeout: 1000,
  keepAlive: 200,
  retryAttempts: 0,
});

const run = (payload) =>
  new Promise((resolve) => {
    const values = [];
    client.subscribe(payload, {
      next: (value) => values.push(value),
      error: (error) => resolve({ error: Array.isArray(error) ? error : { code: error.code, reason: error.reason } }),
      complete: () => resolve({ values }),
    });
  });

const answers = await Promise.all(JSON.parse(readFileSync(0, "utf8")).map(run));
await new Promise((resolve) => setTimeout(resolve, 500)); // long enough for pings of the client's own
process.stdout.write(JSON.stringify(answers));
await client.dispose();
