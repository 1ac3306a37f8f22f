import { config, container, key, loaded } from "./page.js";

const startHeaders = { "x-api-key": key ?? "" };
const headers = JSON.stringify(startHeaders, null, 2);
const narrow = matchMedia("(max-width: 45rem)").matches;

// A link to /graphql?query=…&variables=… opens with that query; nothing runs until the reader says so.
function linked() {
  const parameters = new URLSearchParams(location.search);
  if (!parameters.has("query")) return undefined;
  return { query: parameters.get("query"), variables: parameters.get("variables") ?? "", headers };
}

// shouldPersistHeaders keeps headers out of the stored tabs, but the stored history has them: a reader's own key would
// be left behind in the browser. There, the public key takes its place; read from there, the one we start with does.
const isHistory = (name) => name === "graphiql:queries" || name === "graphiql:favorites";
const publicHeaders = JSON.stringify({ "x-api-key": config.key ?? "" }, null, 2);
const withHeaders = (text, other) =>
  JSON.stringify(JSON.parse(text), (member, content) => (member === "headers" ? other : content));
const storage = {
  get length() {
    return localStorage.length;
  },
  getItem(name) {
    const text = localStorage.getItem(name);
    return text && isHistory(name) ? withHeaders(text, headers) : text;
  },
  removeItem: (name) => localStorage.removeItem(name),
  clear: () => localStorage.clear(),
  setItem(name, value) {
    localStorage.setItem(name, isHistory(name) ? withHeaders(value, publicHeaders) : value);
  },
};

// In GraphiQL's editors the Tab key indents, and whoever has no mouse never gets out. Here it moves on, as anywhere
// else in a page, unless it chooses one of the completions on offer. (Prettify indents.)
function letTabLeave(event) {
  const inEditor = event.key === "Tab" && event.target.closest(".CodeMirror");
  if (inEditor && !document.querySelector(".CodeMirror-hints")) event.stopPropagation();
}

// GraphiQL 4.1 asks for the schema before its headers editor exists, so without the key that will stand in there.
function fetcher(createFetcher) {
  const url = new URL(config.endpoint, document.baseURI);
  const subscriptionUrl = new URL(url);
  subscriptionUrl.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const send = createFetcher({ url: url.href, subscriptionUrl: subscriptionUrl.href });
  return (parameters, options) =>
    parameters.operationName === "IntrospectionQuery" && !options?.headers
      ? send(parameters, { ...options, headers: startHeaders })
      : send(parameters, options);
}

function start({ GraphiQL, React, ReactDOM }) {
  globalThis.__webpack_nonce__ = config.nonce; // the name that GraphiQL looks for before it adds a style element
  container.addEventListener("keydown", letTabLeave, { capture: true });
  const link = linked();
  const examples = config.examples.map((query) => ({ query, headers }));
  const explorer = React.createElement(GraphiQL, {
    fetcher: fetcher(GraphiQL.createFetcher),
    defaultHeaders: headers,
    defaultTabs: link ? [link, ...examples] : examples,
    defaultEditorToolsVisibility: narrow ? false : "headers",
    shouldPersistHeaders: false,
    storage,
    inputValueDeprecation: true,
    schemaDescription: true,
    ...link,
  });
  ReactDOM.createRoot(container).render(explorer);
}

if (loaded("React", "ReactDOM", "GraphiQL")) start(globalThis);
