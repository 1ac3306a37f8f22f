// The reader's own key for the explorers: only if the reader says so, only in this tab, gone when it is closed or at
// sign-out. It never goes to the server but in the requests that the reader sends.

const NAME = "sonograph:key";
const KEY = /^svk_(live|test)_[0-9A-Za-z]{36}$/;

export function remember(reader, text) {
  if (!KEY.test(text)) return false;
  sessionStorage.setItem(NAME, JSON.stringify({ reader, text }));
  return true;
}

export function forget() {
  sessionStorage.removeItem(NAME);
}

// The key that this reader put there; another reader's, or one of somebody who is signed out by now, is removed.
export function remembered(reader) {
  let kept = null;
  try {
    kept = JSON.parse(sessionStorage.getItem(NAME));
  } catch {
    // not ours
  }
  if (reader && kept?.reader === reader && KEY.test(kept.text)) return kept.text;
  forget();
  return null;
}
