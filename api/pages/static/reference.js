import { config, container, explain, key, loaded } from "./page.js";

// The document names the server by its public address. "Try it out" asks the server this page came from: whoever
// opened it as localhost, or through a tunnel, reaches that one, and the browser lets no other answer be read.
function fromHere(openapi) {
  const here = new URL(".", document.baseURI).href.replace(/\/$/, "");
  const servers = openapi.servers?.map((server) => ({
    ...server,
    url: server.url.startsWith(config.server) ? here + server.url.slice(config.server.length) : server.url,
  }));
  return { ...openapi, servers: servers ?? [{ url: here }] };
}

function keySchemes(openapi) {
  return Object.entries(openapi.components?.securitySchemes ?? {})
    .filter(([, scheme]) => scheme.type === "apiKey" && scheme.name.toLowerCase() === "x-api-key")
    .map(([name]) => name);
}

function followColours() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", apply);
  apply();
}

async function start(SwaggerUIBundle) {
  let openapi;
  try {
    const response = await fetch(config.document);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    openapi = fromHere(await response.json());
  } catch (error) {
    explain(`The OpenAPI document (${config.document}) could not be read: ${error.message}.`);
    return;
  }
  followColours();
  const explorer = SwaggerUIBundle({
    spec: openapi,
    domNode: container,
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    validatorUrl: null, // the default sends the document to a service on the internet
    onComplete() {
      if (key) keySchemes(openapi).forEach((name) => explorer.preauthorizeApiKey(name, key));
    },
  });
}

if (loaded("SwaggerUIBundle")) await start(globalThis.SwaggerUIBundle);
