// graphql-ws with ws, serving the same answer: `node node_server.mjs PORT < lines`; each line is the answer's data to publish.
// The packages are those of tests/npm.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import path from "node:path";

const here = path.dirname(fileURLToPath(import.meta.url));
const require = createRequire(path.join(here, "../../tests/npm/package.json"));
const { buildSchema } = require("graphql");
const { useServer } = await import(
  pathToFileURL(path.join(here, "../../tests/npm/node_modules/graphql-ws/dist/use/ws.js")).href
);
const { WebSocketServer } = require("ws");

const schema = buildSchema(`
  type Artist { databaseId: Int! name: String! }
  type Credit { artist: Artist! }
  type Track { databaseId: Int! title: String! isrc: String duration: Int artists: [Credit!]! }
  type Stream { id: ID! }
  type Play { startedAt: String! confidence: Float! stream: Stream track: Track }
  type PlayEvent { id: ID! type: String! play: Play }
  type Query { hello: String }
  type Subscription { plays: PlayEvent! }
`);

const listeners = new Set();

async function* plays() {
  const waiting = [];
  let wake = () => {};
  const listener = (event) => {
    waiting.push(event);
    wake();
  };
  listeners.add(listener);
  try {
    for (;;) {
      while (waiting.length > 0) yield { plays: waiting.shift() };
      await new Promise((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listener);
  }
}

const server = new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1", path: "/graphql", perMessageDeflate: false });
useServer({ schema, roots: { subscription: { plays } } }, server);
createInterface({ input: process.stdin }).on("line", (line) => {
  const event = JSON.parse(line).plays;
  for (const listener of listeners) listener(event);
});
process.stdout.write("listening\n");
