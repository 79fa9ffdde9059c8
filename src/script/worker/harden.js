// Run once in a fresh context, before anything of a user: what is left has no clock, no randomness, no
// weak references and no way to new code, and nothing that all functions share can be changed. Its value is a
// function: has something been changed after all?
(function () {
  "use strict";
  const globals = new Set([
    "globalThis", "Infinity", "NaN", "undefined", "isFinite", "isNaN", "parseFloat", "parseInt",
    "decodeURI", "decodeURIComponent", "encodeURI", "encodeURIComponent", "escape", "unescape",
    "Object", "Function", "Error", "AggregateError", "EvalError", "RangeError", "ReferenceError",
    "SyntaxError", "TypeError", "URIError", "Boolean", "Symbol", "Number", "BigInt", "Math", "Date",
    "String", "RegExp", "Array", "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array",
    "Uint16Array", "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array", "Float16Array",
    "Float32Array", "Float64Array", "ArrayBuffer", "DataView", "Map", "Set", "WeakMap", "WeakSet",
    "JSON", "Reflect", "Proxy", "Promise", "Iterator",
  ]);

  // Freezing a prototype would make `error.name = …` fail on what inherits from it.
  function keepOverridable(prototype, names) {
    for (const name of names) {
      const found = Object.getOwnPropertyDescriptor(prototype, name);
      if (!found || !("value" in found)) continue;
      const value = found.value;
      Object.defineProperty(prototype, name, {
        configurable: false,
        enumerable: false,
        get: function () { return value; },
        set: function (to) {
          if (this === prototype) throw new TypeError("what all functions share cannot be changed");
          Object.defineProperty(this, name,
            { value: to, writable: true, enumerable: true, configurable: true });
        },
      });
    }
  }

  function replaceDate() {
    const real = Date;
    const refuse = () => { throw new TypeError("there is no clock: a function's result depends on its row alone"); };
    const named = { Date: function (...parts) {
      if (!new.target || parts.length === 0) refuse();
      return Reflect.construct(real, parts, new.target === named.Date ? real : new.target);
    } };
    const date = named.Date;
    Object.defineProperty(date, "prototype", { value: real.prototype, writable: false });
    Object.defineProperty(date, "length", { value: 7 });
    date.UTC = real.UTC;
    date.parse = real.parse;
    date.now = refuse;
    Object.defineProperty(real.prototype, "constructor",
      { value: date, writable: true, enumerable: false, configurable: true });
    Object.defineProperty(globalThis, "Date", { value: date, writable: false, configurable: false });
  }

  function refusing(message) {
    return function () { throw new TypeError(message); };
  }

  // JavaScriptCore takes its short ways through regular expressions only while the getters of RegExp.prototype are
  // the properties that it made itself: redefined, even as they were, replace() takes six times as long. So those stay
  // as they are, and it is seen when they do not. Nothing can be added to the object, so one that was deleted does not
  // come back; to put back what was replaced takes a call of one of the functions below, which look before they act.
  function watchGetters(object) {
    const { apply, ownKeys } = Reflect, { getOwnPropertyDescriptor, defineProperty } = Object;
    const names = ownKeys(object).filter((key) => getOwnPropertyDescriptor(object, key).get);
    const getters = names.map((key) => getOwnPropertyDescriptor(object, key).get);
    let changed = false;
    const isChanged = () => {
      for (let i = 0; i < names.length && !changed; i++) {
        const now = getOwnPropertyDescriptor(object, names[i]);
        changed = !now || now.get !== getters[i] || now.set !== undefined || now.enumerable || !now.configurable;
      }
      return changed;
    };
    const looking = [[Object, "defineProperty"], [Object, "defineProperties"], [Reflect, "defineProperty"],
      [Object.prototype, "__defineGetter__"], [Object.prototype, "__defineSetter__"]];
    for (const [holder, name] of looking) {
      const real = holder[name];
      const { [name]: wrapped } = { [name](...given) { isChanged(); return apply(real, this, given); } };
      defineProperty(wrapped, "length", { value: real.length });
      defineProperty(holder, name, { value: wrapped });
    }
    return isChanged;
  }

  // All but its getters.
  function freezeValues(object) {
    Object.preventExtensions(object);
    for (const key of Reflect.ownKeys(object))
      if ("value" in Object.getOwnPropertyDescriptor(object, key))
        Object.defineProperty(object, key, { writable: false, configurable: false });
  }

  function freezeAll(seen, start) {
    const left = [start];
    while (left.length > 0) {
      const value = left.pop();
      if (value === null || (typeof value !== "object" && typeof value !== "function")) continue;
      if (seen.has(value)) continue;
      seen.add(value);
      left.push(Object.getPrototypeOf(value));
      for (const key of Reflect.ownKeys(value)) {
        const property = Object.getOwnPropertyDescriptor(value, key);
        if ("value" in property) left.push(property.value);
        else left.push(property.get, property.set);
      }
      if (value === RegExp.prototype) freezeValues(value);
      else if (value !== globalThis) Object.freeze(value);
    }
  }

  for (const key of Reflect.ownKeys(globalThis))
    if (!globals.has(key)) delete globalThis[key];
  // RegExp.$1 and its kin carry what one row matched to the next.
  for (const key of Reflect.ownKeys(RegExp))
    if (!["length", "name", "prototype", Symbol.species, "escape"].includes(key)) delete RegExp[key];
  replaceDate();
  Math.random = refusing("there is no randomness: a function's result depends on its row alone");

  const hidden = [
    (function () {}).constructor, (async function () {}).constructor,
    (function* () {}).constructor, (async function* () {}).constructor,
    [][Symbol.iterator](), new Map()[Symbol.iterator](), new Set()[Symbol.iterator](),
    ""[Symbol.iterator](), /a/[Symbol.matchAll](""), (function* () {})(), (async function* () {})(),
    (async function () {})(), function () { return arguments; }(),
  ];
  keepOverridable(Object.prototype, ["toString", "valueOf", "toLocaleString", "constructor", "hasOwnProperty"]);
  for (const kind of [Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError])
    keepOverridable(kind.prototype, ["name", "message", "constructor", "toString"]);
  const isChanged = watchGetters(RegExp.prototype);
  const seen = new Set();
  for (const value of hidden) {
    freezeAll(seen, Object.getPrototypeOf(value));
    freezeAll(seen, value);
  }
  for (const key of Reflect.ownKeys(globalThis)) {
    freezeAll(seen, globalThis[key]);
    Object.defineProperty(globalThis, key, { writable: false, configurable: false });
  }
  freezeAll(seen, Object.getPrototypeOf(globalThis));
  Object.preventExtensions(globalThis);

  // What reads data lazily does so now, while files can still be read.
  new Date(0).toString();
  new Date(0).toLocaleString();
  (1.5).toLocaleString();
  "a".localeCompare("ä");
  "ä".normalize("NFD");
  return isChanged;
})();
