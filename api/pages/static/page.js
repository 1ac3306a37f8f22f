// What both explorers share: the configuration in the page, and the notice shown until (or unless) they run.

import { remembered } from "./own_key.js";

export const config = JSON.parse(document.getElementById("config").textContent);
export const container = document.getElementById("explorer");

// The key to start with: the reader's own if the reader put it into this tab, else the public one.
export const key = remembered(config.reader) ?? config.key;

export function explain(message) {
  const status = document.getElementById("status");
  status.setAttribute("role", "alert");
  status.textContent = message;
}

// Third-party scripts stand before ours and are deferred too, so by now each has run, or has failed to load.
export function loaded(...names) {
  const missing = names.filter((name) => !(name in globalThis));
  if (missing.length > 0) {
    explain(
      `${missing.join(", ")} did not load: the files cannot be reached from here, or are not those we expect. ` +
        "Run “make assets” where Sonograph is installed and start it again, and it serves them itself.",
    );
  }
  return missing.length === 0;
}
