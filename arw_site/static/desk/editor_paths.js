// Places in a record: JSON pointers (RFC 6901) as lists of tokens, and what can be done at them.
export function split(pointer) {
  return pointer.split("/").slice(1).map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function join(tokens) {
  return tokens.map((token) => `/${String(token).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function valueAt(record, tokens) {
  let here = record;
  for (const token of tokens) here = here?.[token];
  return here;
}

export function write(record, tokens, value) {
  const parent = valueAt(record, tokens.slice(0, -1));
  // Not by assignment: a field may be called __proto__.
  Object.defineProperty(parent, tokens.at(-1), {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

export function remove(record, tokens) {
  const parent = valueAt(record, tokens.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(tokens.at(-1)), 1);
  else delete parent[tokens.at(-1)];
}

export function moveItem(list, from, to) {
  list.splice(to, 0, ...list.splice(from, 1));
}

// A new element beside others: of the same shape, with nothing in it.
export function blankLike(value) {
  if (Array.isArray(value)) return [];
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, blankLike(child)]));
  }
  return { string: "", number: 0, boolean: false }[typeof value] ?? "";
}

// What the fields say of a place: its own entry, and entries in which * stands for a token.
export function describedBy(fields, tokens) {
  const pointer = join(tokens);
  if (Object.hasOwn(fields, pointer)) return fields[pointer];
  for (const [place, described] of Object.entries(fields)) {
    const parts = split(place);
    const fits = parts.length === tokens.length && parts.every((part, at) => part === "*" || part === String(tokens[at]));
    if (fits) return described;
  }
  return {};
}

// `vibe_profile` as `Vibe profile`, as the server writes it.
export function labelOf(key) {
  const text = String(key).replaceAll("_", " ").trim();
  return text ? text[0].toUpperCase() + text.slice(1) : String(key);
}
