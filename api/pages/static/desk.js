// What pages with forms do beyond plain HTML. All of them work without it.

import { forget, remember } from "./own_key.js";

function say(where, text) {
  where.textContent = "";
  requestAnimationFrame(() => (where.textContent = text)); // the same words twice are read out twice
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(`${button.dataset.copy}-status`);
  button.hidden = !navigator.clipboard; // browsers have it on https and localhost only
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      say(status, "Copied.");
    } catch {
      getSelection().selectAllChildren(source);
      say(status, "Not copied: the browser does not allow it. The key is selected, copy it by hand.");
    }
  });
}

// A reload of the page that shows a new key must not send the form again and make another one.
if (document.querySelector("[data-made]")) history.replaceState(null, "", location.href);

for (const part of document.querySelectorAll("[data-scripted]")) part.hidden = false;

for (const form of document.querySelectorAll("form[data-own-key]")) {
  const status = form.querySelector("[role=status]");
  const field = form.querySelector("input");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value.trim();
    const kept = remember(form.dataset.ownKey, text);
    field.setAttribute("aria-invalid", String(!kept));
    say(status, kept ? "The explorers use this key until you close this tab." : "This is not a key: svk_live_… or svk_test_…");
    if (kept && field.type !== "hidden") field.value = "";
  });
  form.querySelector("[data-forget]")?.addEventListener("click", () => {
    forget();
    say(status, "Forgotten. The explorers ask for a key again.");
  });
}

for (const form of document.querySelectorAll("form[data-sign-out]")) form.addEventListener("submit", forget);

// A second click while the answer is under way would send the form twice.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.getElementById("errors")?.focus();
