// Passkeys and security keys: puts the server's question to the browser, and the browser's answer into a form.
//
// A form with `data-webauthn` is "create" (a new key), "get" (show one) or "sign-in" (show any, and offer it in the
// email field too). It is hidden until this script finds that the browser knows passkeys. What to ask is in the form's
// `data-question`, or is fetched from its `data-begin` when it is needed. Every word shown comes from the page.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (key) => ({ ...key, id: toBytes(key.id) });

/** The server's options, with bytes where the browser wants bytes. */
function decoded(options) {
  const bytes = { ...options, challenge: toBytes(options.challenge) };
  if (options.user) bytes.user = withBytes(options.user);
  if (options.excludeCredentials) bytes.excludeCredentials = options.excludeCredentials.map(withBytes);
  if (options.allowCredentials) bytes.allowCredentials = options.allowCredentials.map(withBytes);
  return bytes;
}

/** The browser's credential as JSON. */
function encoded(credential) {
  const said = credential.response;
  const response = { clientDataJSON: toText(said.clientDataJSON) };
  if (said.attestationObject) {
    response.attestationObject = toText(said.attestationObject);
    response.transports = said.getTransports?.() ?? [];
  } else {
    response.authenticatorData = toText(said.authenticatorData);
    response.signature = toText(said.signature);
    response.userHandle = said.userHandle && toText(said.userHandle);
  }
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response };
}

/** What this form is to ask: as its page says, or as the server says now. */
async function question(form) {
  if (form.dataset.question) return JSON.parse(form.dataset.question);
  const csrf = new URLSearchParams({ csrf: form.elements.csrf.value });
  const answer = await fetch(form.dataset.begin, { method: "POST", body: csrf });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.json();
}

/** Asks the browser, and sends its answer. */
async function ask(form, more) {
  const { ceremony, options } = await question(form);
  const publicKey = decoded(options);
  const credential =
    form.dataset.webauthn === "create"
      ? await navigator.credentials.create({ publicKey, ...more })
      : await navigator.credentials.get({ publicKey, ...more });
  const { answer } = form.elements;
  answer.value = JSON.stringify({ ceremony, credential: encoded(credential) });
  form.submit();
}

/** Says what went wrong, in the page's words. */
function complain(form, error) {
  const place = form.querySelector("[data-complaint]");
  const known = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "known" };
  place.textContent = form.dataset[known[error.name]] ?? form.dataset.failed;
  place.hidden = false;
}

/** Waits for its button, and for a passkey chosen in the email field where that is to be offered. */
async function prepare(form) {
  let offered = new AbortController();
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    offered.abort();
    offered = new AbortController();
    ask(form, { signal: offered.signal }).catch((error) => complain(form, error));
  });
  const offers = await PublicKeyCredential.isConditionalMediationAvailable?.();
  if (form.dataset.webauthn === "sign-in" && offers) {
    // Nobody asked for anything yet, so nobody is told that nothing came of it.
    ask(form, { mediation: "conditional", signal: offered.signal }).catch(() => {});
  }
}

/** Lets the browser forget passkeys that the account has no more. */
function tellWhichAreKept(list) {
  const { rpId, userId, kept } = list.dataset;
  PublicKeyCredential.signalAllAcceptedCredentials?.({
    rpId,
    userId,
    allAcceptedCredentialIds: kept.split(" ").filter(Boolean),
  }).catch(() => {});
}

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-webauthn]").forEach(prepare);
  document.querySelectorAll("[data-kept]").forEach(tellWhichAreKept);
  document.querySelectorAll("[data-without-webauthn]").forEach((place) => place.remove());
}
