// Turns a compiled script into the function that runs a batch. The host (engine.c) calls, in this order:
// spec(JSON), javascript(i) for each module, wrapper(), start(…). All of it is before the user's code.
(function () {
  "use strict";
  const MESSAGE = 2000; // characters of a message that cross
  const DEPTH = 5000;   // of a JSON value
  const INPUT = -1;
  let script;

  // Thrown by this file alone: what a function returned is not a value of its field.
  class Refusal {
    #own;
    constructor(message) { this.message = message; }
    // Asks nothing of a value that may be a Proxy.
    static is(value) { return typeof value === "object" && value !== null && #own in value; }
  }

  function describe(value) {
    if (value === null) return "null";
    if (value === undefined) return "undefined";
    if (typeof value === "function") return "a function";
    if (typeof value === "symbol") return "a symbol";
    if (typeof value === "object") {
      if (Array.isArray(value)) return "an array";
      if (value instanceof Promise) return "a Promise";
      if (value instanceof Date) return "a Date";
      if (value instanceof Uint8Array) return "a Uint8Array";
      return "an object";
    }
    const text = typeof value === "bigint" ? `${value}n` : typeof value === "string" ? JSON.stringify(value) : String(value);
    return `the ${typeof value} ${text.length > 40 ? text.slice(0, 40) + "…" : text}`;
  }

  function refuse(value, wanted) {
    throw new Refusal(`returned ${describe(value)} where ${wanted} belongs`);
  }

  // JSON. A number whose text would change becomes a bigint, or else a raw value that stays as it is.
  const numeral = (text) => {
    const [, sign, whole, part = "", power = "0"] = /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
    const digits = (whole + part).replace(/^0+/, "");
    const trimmed = digits.replace(/0+$/, "");
    if (trimmed === "") return "0";
    return `${sign}${trimmed}e${BigInt(power) - BigInt(part.length) + BigInt(digits.length - trimmed.length)}`;
  };
  const exactly = (key, value, context) => {
    if (typeof value !== "number") return value;
    const text = context.source;
    if (Number.isFinite(value) && numeral(text) === numeral(String(value))) return value;
    return /^-?\d+$/.test(text) ? BigInt(text) : JSON.rawJSON(text);
  };
  const inexact = /[\d.]{16}|\d[eE]/;
  const nothing = JSON.rawJSON("null");

  function freezeJson(value) {
    if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value;
    for (const key of Object.keys(value)) freezeJson(value[key]);
    return Object.freeze(value);
  }

  function readJson(text) {
    if (text === "null") return nothing;
    return freezeJson(inexact.test(text) ? JSON.parse(text, exactly) : JSON.parse(text));
  }

  function checkText(text, where) {
    if (!text.isWellFormed()) throw new Refusal(`returned half a surrogate pair${where}`);
    if (text.includes("\0")) throw new Refusal(`returned U+0000${where}, which PostgreSQL does not store`);
  }

  function checkJson(value, depth) {
    switch (typeof value) {
    case "string": return checkText(value, " within JSON");
    case "boolean": case "bigint": return;
    case "number":
      if (!Number.isFinite(value)) throw new Refusal(`returned ${value} within JSON, which has no such number`);
      return;
    case "object": break;
    default: throw new Refusal(`returned ${describe(value)} within JSON`);
    }
    if (value === null || JSON.isRawJSON(value)) return;
    if (depth > DEPTH) throw new Refusal(`returned JSON that is cyclic or deeper than ${DEPTH}`);
    if (Array.isArray(value)) {
      for (let i = 0; i < value.length; i++) checkJson(value[i], depth + 1);
      return;
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) throw new Refusal(`returned ${describe(value)} within JSON`);
    if (typeof value.toJSON === "function") throw new Refusal("returned an object with toJSON within JSON");
    for (const key of Object.keys(value)) {
      checkText(key, " within JSON");
      checkJson(value[key], depth + 1);
    }
  }

  const bigToRaw = (key, value) => (typeof value === "bigint" ? JSON.rawJSON(String(value)) : value);

  function writeJson(value) {
    checkJson(value, 0);
    return JSON.stringify(value, bigToRaw);
  }

  function readBytes(text) {
    if (!text.startsWith("\\x")) throw new Refusal("is not bytea in hexadecimal");
    return Uint8Array.fromHex(text.slice(2));
  }

  function number(value, low, high, wanted) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < low || value > high) refuse(value, wanted);
    return String(value);
  }

  function float(value) {
    return value === 0 && 1 / value < 0 ? "-0" : String(value);
  }

  // A value of each kind, from PostgreSQL's text and back.
  const kinds = {
    text: { read: (s) => s, write: (v) => (typeof v === "string" ? v : refuse(v, "a string")) },
    bool: { read: (s) => s === "t", write: (v) => (v === true ? "t" : v === false ? "f" : refuse(v, "a boolean")) },
    int2: { read: Number, write: (v) => number(v, -32768, 32767, "a whole number from -32768 to 32767") },
    int4: { read: Number, write: (v) => number(v, -2147483648, 2147483647, "a whole number from -2147483648 to 2147483647") },
    oid: { read: Number, write: (v) => number(v, 0, 4294967295, "a whole number from 0 to 4294967295") },
    int8: {
      read: BigInt,
      write: (v) => {
        if (typeof v !== "bigint") refuse(v, "a bigint");
        if (BigInt.asIntN(64, v) !== v) throw new Refusal(`returned ${describe(v)}, which is out of the range of int8`);
        return v.toString();
      },
    },
    float4: {
      read: Number,
      write: (v) => {
        if (typeof v !== "number") refuse(v, "a number");
        if (Number.isFinite(v) && !Number.isFinite(Math.fround(v)))
          throw new Refusal(`returned ${describe(v)}, which is out of the range of float4`);
        return float(v);
      },
    },
    float8: { read: Number, write: (v) => (typeof v === "number" ? float(v) : refuse(v, "a number")) },
    numeric: {
      read: (s) => s,
      write: (v) => (typeof v === "string" ? v : typeof v === "bigint" ? v.toString() : refuse(v, "a string or a bigint")),
    },
    json: { read: readJson, write: writeJson },
    bytes: {
      read: readBytes,
      write: (v) => (v instanceof Uint8Array ? "\\x" + Uint8Array.prototype.toHex.call(v) : refuse(v, "a Uint8Array")),
    },
  };

  function enumeration(labels) {
    const known = new Set(labels);
    return {
      read: (s) => s,
      write: (v) => (typeof v === "string" && known.has(v) ? v : refuse(v, "one of the labels")),
    };
  }

  // PostgreSQL's text of an array of one dimension.
  function readArray(text, read) {
    if (text[0] !== "{") throw new Refusal("is an array whose first index is not 1");
    const values = [];
    let at = 1;
    while (text[at] !== "}") {
      if (text[at] === ",") at++;
      if (text[at] === "{") throw new Refusal("is an array of several dimensions");
      let item = "";
      if (text[at] === '"') {
        for (at++; text[at] !== '"'; at++) {
          if (text[at] === "\\") at++;
          if (at >= text.length) throw new Refusal("is not an array");
          item += text[at];
        }
        at++;
        values.push(read(item));
        continue;
      }
      for (; text[at] !== "," && text[at] !== "}"; at++) {
        if (text[at] === "\\") at++;
        if (at >= text.length) throw new Refusal("is not an array");
        item += text[at];
      }
      values.push(item === "NULL" ? null : read(item));
    }
    return Object.freeze(values);
  }

  function writeArray(value, write) {
    if (!Array.isArray(value)) refuse(value, "an array");
    const items = [];
    for (let i = 0; i < value.length; i++) {
      const item = value[i];
      if (item === null) items.push("NULL");
      else if (item === undefined) throw new Refusal(`returned an array with undefined at ${i}`);
      else items.push('"' + write(item).replace(/[\\"]/g, "\\$&") + '"');
    }
    return "{" + items.join(",") + "}";
  }

  function coder(type) {
    const one = type.kind === "enum" ? enumeration(type.labels) : kinds[type.kind];
    if (!type.array) return one;
    return { read: (s) => readArray(s, one.read), write: (v) => writeArray(v, one.write) };
  }

  // A value that cannot be read rejects the rows of those functions that look at it.
  function poisoned(error, name) {
    const message = Refusal.is(error) ? error.message : "cannot be read: " + error;
    return { poison: `column ${JSON.stringify(name)} ${message}` };
  }

  function guarded(read, name, poison) {
    return (text) => {
      try { return read(text); }
      catch (error) { poison.push([name, poisoned(error, name).poison]); return undefined; }
    };
  }

  function poison(row, list) {
    const copy = { ...row };
    for (const [name, message] of list)
      Object.defineProperty(copy, name, { enumerable: true, get() { throw new TypeError(message); } });
    return Object.freeze(copy);
  }

  // The text of the function that runs a batch, made for these columns: the engine compiles it once.
  const inline = {
    text: (s) => s, numeric: (s) => s, enum: (s) => s, bool: (s) => `${s}==="t"`,
    int2: (s) => `+${s}`, int4: (s) => `+${s}`, oid: (s) => `+${s}`, float4: (s) => `+${s}`,
    float8: (s) => `+${s}`, int8: (s) => `big(${s})`,
  };
  const checks = {
    text: `if(typeof v!=="string")w(v);s=v;`,
    bool: `s=v===true?"t":v===false?"f":w(v);`,
    int4: `if((v|0)!==v)w(v);s=""+v;`,
    float8: `if(typeof v!=="number")w(v);s=v===0?w(v):""+v;`,
  };

  function readerText(column, index) {
    const cut = "b.substring(p,p+=l)";
    const plain = !column.array && inline[column.kind];
    return `[${JSON.stringify(column.name)}]:(l=il[k++])<0?null:` + (plain ? plain(cut) : `(r${index}(${cut}))`);
  }

  function writerText(type, index) {
    const check = !type.array && checks[type.kind];
    const convert = check ? check.replaceAll("w(", `w${index}(`) : `s=w${index}(v);`;
    const none = type.nullable ? `ol[q++]=-1;` : `none();`;
    return `at=${index + 1};v=f${index}(row);if(v===null){${none}}else{${convert}ol[q++]=s.length;parts.push(s);}`;
  }

  // Computed keys keep "__proto__" a name like others, and JavaScriptCore makes them as fast.
  function wrapper() {
    const columns = script.columns, functions = script.functions;
    const fresh = columns.some((c) => c.kind === "bytes");
    const names = (letter, list) => list.map((_, i) => `${letter}${i}=${letter}[${i}]`);
    const declared = [...names("f", functions), ...names("w", functions), ...names("r", columns)];
    const build = `Object.freeze({${columns.map(readerText).join(",")}})`;
    const make = `row=${build};if(bad.length>0){row=poison(row,bad);bad.length=0;}`;
    // Bytes cannot be frozen: each function gets its own.
    const again = fresh ? `k=k0;p=p0;${make}` : "";
    return `(function(f,w,r,il,ol,cells,progress,big,none,bad,poison,reject){"use strict";
const ${declared.join(",") || "nothing=0"};
return function(b,n){let k=0,q=0,p=0,l=0,at=0,v,s,row;const parts=[];
for(let i=0;i<n;i++){progress[0]=i;const k0=k,q0=q,p0=p,m=parts.length;at=0;
try{${make}${functions.map((t, i) => (i > 0 ? again : "") + writerText(t, i)).join("\n")}
cells[i*4]=0;}
catch(e){k=k0+${columns.length};p=p0;for(let j=k0;j<k;j++)if(il[j]>0)p+=il[j];
parts.length=m;q=q0;for(let j=0;j<${functions.length};j++)ol[q++]=-1;
bad.length=0;reject(e,at,i,parts);}}
progress[0]=n;return parts.join("");};})`;
  }

  // The place of a JavaScript line and column in the TypeScript, both from 1; the last mapping at or before it.
  function place(module, line, column) {
    const map = script.modules[module]?.map[line - 1];
    if (!map || map.length === 0) return [0, 0];
    let found = 0;
    for (let i = 0; i < map.length && map[i] <= column - 1; i += 3) found = i;
    return [map[found + 1], map[found + 2]];
  }

  function thrownAt(error) {
    try {
      const stack = error.stack;
      if (typeof stack !== "string") return [0, 0];
      const frame = /godwit:(\d+):(\d+):(\d+)/.exec(stack);
      return frame ? place(Number(frame[1]), Number(frame[2]), Number(frame[3])) : [0, 0];
    } catch {
      return [0, 0];
    }
  }

  function messageOf(error) {
    if (Refusal.is(error)) return error.message;
    try {
      if (error instanceof Error) return `${String(error.name)}: ${String(error.message)}`;
      return `threw ${describe(error)}`;
    } catch {
      return "threw something that has no text";
    }
  }

  function clean(text) {
    return text.slice(0, MESSAGE).toWellFormed().replaceAll("\0", "\ufffd");
  }

  function start(wrap, modules, il, ol, cells, progress) {
    const exported = modules.map((module, i) => {
      const exports = {};
      module(exports);
      return Object.freeze(exports);
    });
    const f = script.functions.map((wanted) => {
      const found = exported[wanted.module][wanted.export];
      if (typeof found !== "function") throw new TypeError(`${wanted.name} is not a function`);
      return Object.freeze(found);
    });
    const bad = [];
    const w = script.functions.map((type) => {
      const { write } = coder(type);
      return (value) => {
        if (value === undefined) throw new Refusal("returned undefined: null is NULL");
        if (value === null) refuse(value, "a value");
        return write(value);
      };
    });
    const r = script.columns.map((type) => guarded(coder(type).read, type.name, bad));
    const none = () => { throw new Refusal("returned null, and the column is NOT NULL"); };
    const reject = (error, at, row, parts) => {
      const message = clean(messageOf(error));
      const [line, column] = Refusal.is(error) ? [-1, 0] : thrownAt(error);
      cells[row * 4] = at === 0 ? INPUT : at;
      cells[row * 4 + 1] = message.length;
      cells[row * 4 + 2] = line;
      cells[row * 4 + 3] = column;
      parts.push(message);
    };
    return wrap(f, w, r, il, ol, cells, progress, BigInt, none, bad, poison, reject);
  }

  return {
    spec(text) { script = JSON.parse(text); return script.modules.length; },
    javascript(index) { return script.modules[index].js; },
    wrapper,
    start,
    // Of an exception while the script is loaded: "line:column:message".
    complaint(error) { return `${thrownAt(error).join(":")}:${clean(messageOf(error))}`; },
  };
})();
