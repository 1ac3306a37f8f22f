// graphql_sse_client.js by the single connection: `node graphql_sse_single_client.js URL KEY LAST`.

process.argv.push("single");
await import("./graphql_sse_client.js");
