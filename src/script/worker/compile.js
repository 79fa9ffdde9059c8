// Checks and compiles with the real compiler (`ts`), over files that are texts in memory.
// `godwitLibraries` is the host's: the texts of the compiler's own lib.*.d.ts by name.
(function () {
  "use strict";
  const HEAD = 1; // lines of ours in front of an inline function
  const sources = new Map();

  function library(name) {
    if (!sources.has(name)) {
      const text = godwitLibraries[name];
      sources.set(name, text === undefined ? undefined : ts.createSourceFile("/lib/" + name, text, 7, true));
    }
    return sources.get(name);
  }

  function host(files) {
    const own = new Map();
    for (const [name, text] of Object.entries(files)) {
      const file = ts.createSourceFile(name, text, 7, true);
      // A file that says `@ts-nocheck` is checked all the same.
      file.checkJsDirective = undefined;
      own.set(name, file);
    }
    const output = {};
    return {
      output,
      own,
      getSourceFile: (name) => own.get(name) ?? (name.startsWith("/lib/") ? library(name.slice(5)) : undefined),
      getDefaultLibFileName: () => "/lib/lib.es2020.d.ts",
      getDefaultLibLocation: () => "/lib",
      writeFile: (name, text) => { output[name] = text; },
      getCurrentDirectory: () => "/",
      getCanonicalFileName: (name) => name,
      useCaseSensitiveFileNames: () => true,
      getNewLine: () => "\n",
      fileExists: (name) => own.has(name) || (name.startsWith("/lib/") && library(name.slice(5)) !== undefined),
      readFile: (name) => own.get(name)?.text,
      directoryExists: () => true,
      getDirectories: () => [],
    };
  }

  // Characters, not UTF-16 units, are what people count columns in.
  function columnOf(file, start, position) {
    let count = 1;
    for (const _ of file.text.slice(start, position)) count++;
    return count;
  }

  function placeOf(file, position) {
    const { line } = ts.getLineAndCharacterOfPosition(file, position);
    return { line: line + 1, col: columnOf(file, ts.getLineStarts(file)[line], position) };
  }

  const forbidden = {
    Intl: "Intl reads the clock and the machine's languages",
    Promise: "a function gives its value at once",
    eval: "new code cannot be made at run time",
    Function: "new code cannot be made at run time",
    WeakRef: "what is collected when is not determined",
    FinalizationRegistry: "what is collected when is not determined",
    SharedArrayBuffer: "there is one thread",
    Atomics: "there is one thread",
  };

  // What would only fail at run time, or make a row's result depend on more than the row.
  function refusals(file, checker) {
    const found = [];
    const add = (node, text) => found.push({ file, start: ts.getTokenPosOfNode(node, file), code: 0, text });
    const isGlobal = (node) => {
      const symbol = checker.getSymbolAtLocation(node);
      return symbol?.declarations?.length > 0 &&
        symbol.declarations.every((d) => ts.getSourceFileOfNode(d).fileName.startsWith("/lib/"));
    };
    const named = (node, name) => ts.isIdentifier(node) && ts.idText(node) === name && isGlobal(node);
    const inType = (node) => ts.isPartOfTypeNode(node);
    const visit = (node) => {
      if (ts.isImportDeclaration(node) || ts.isImportEqualsDeclaration(node) || ts.isImportCall(node) || ts.isImportTypeNode(node) ||
          (ts.isExportDeclaration(node) && node.moduleSpecifier))
        add(node, "a function cannot import: everything that it needs has to be in its file");
      else if (ts.isAsyncFunction(node))
        add(node, "a function gives its value at once: it cannot be async");
      else if (ts.isIdentifier(node) && Object.hasOwn(forbidden, ts.idText(node)) && !inType(node) && isGlobal(node))
        add(node, `${ts.idText(node)} is not available: ${forbidden[ts.idText(node)]}`);
      else if (ts.isPropertyAccessExpression(node) && ts.idText(node.name) === "now" && named(node.expression, "Date"))
        add(node, "Date.now is not available: a function's result depends on its row alone");
      else if (ts.isPropertyAccessExpression(node) && ts.idText(node.name) === "random" && named(node.expression, "Math"))
        add(node, "Math.random is not available: a function's result depends on its row alone");
      else if (ts.isNewExpression(node) && named(node.expression, "Date") && !node.arguments?.length)
        add(node, "new Date() reads the clock: a function's result depends on its row alone");
      else if (ts.isCallExpression(node) && named(node.expression, "Date"))
        add(node, "Date() reads the clock: a function's result depends on its row alone");
      ts.forEachChild(node, visit);
    };
    for (const statement of file.statements)
      if (ts.isVariableStatement(statement) && !ts.isVarConst(statement.declarationList.declarations[0]))
        add(statement, "a file's own variables are const: what changes would carry from one row to the next");
    visit(file);
    return found;
  }

  // One expression in parentheses is what was written around it: nothing may have closed them.
  function isOneExpression(file) {
    const [only, more] = file.statements;
    if (more || !only || !ts.isVariableStatement(only)) return false;
    const [declaration, another] = only.declarationList.declarations;
    const value = declaration?.initializer;
    return !another && value !== undefined && ts.isParenthesizedExpression(value) &&
      value.end === file.text.lastIndexOf(")") + 1;
  }

  function declarationOf(file, name) {
    const symbol = file.symbol?.exports?.get(name);
    const declaration = symbol?.declarations?.[0];
    return declaration && (declaration.name ?? declaration);
  }

  function build(request) {
    const files = { "/row.d.ts": request.types };
    const glue = [`import * as m from "./file";`];
    request.functions.forEach((f, i) => {
      if (f.text !== undefined)
        files[`/f${i}.ts`] = `export const f: (row: Row) => (${f.type}) = (\n${f.text}\n);\n`;
      else
        glue.push(`export const f${i}: (row: Row) => (${f.type}) = m[${JSON.stringify(f.name)}];`);
    });
    if (request.file !== undefined) {
      files["/file.ts"] = request.file;
      files["/glue.ts"] = glue.join("\n");
    }
    return files;
  }

  // Where a diagnostic stands for the user: which function's text (or the file), line and column there.
  function locate(request, own, d) {
    const name = d.file?.fileName;
    const inlined = /^\/f(\d+)\.ts$/.exec(name ?? "");
    if (inlined) {
      const index = Number(inlined[1]);
      const at = placeOf(d.file, d.start);
      if (at.line <= HEAD) return { function: index, named: true };
      const last = request.functions[index].text.split("\n");
      const line = Math.min(at.line - HEAD, last.length);
      const col = at.line - HEAD > last.length ? [...last[last.length - 1]].length + 1 : at.col;
      return { function: index, line, col };
    }
    if (name === "/file.ts") return { file: true, ...placeOf(d.file, d.start) };
    if (name === "/glue.ts") {
      const { line } = ts.getLineAndCharacterOfPosition(d.file, d.start);
      const index = request.functions.map((f, i) => (f.text === undefined ? i : -1)).filter((i) => i >= 0)[line - 1] ?? 0;
      const declared = declarationOf(own.get("/file.ts"), request.functions[index].name);
      if (!declared) return { function: index, named: true, missing: true };
      return { function: index, file: true, ...placeOf(own.get("/file.ts"), ts.getTokenPosOfNode(declared, own.get("/file.ts"))) };
    }
    return { named: true };
  }

  function report(request, own, list) {
    const problems = [], said = new Set();
    for (const d of list) {
      const at = locate(request, own, d);
      let text = d.text ?? ts.flattenDiagnosticMessageText(d.messageText, "\n");
      if (at.missing) text = `the file exports no function ${JSON.stringify(request.functions[at.function].name)}`;
      const problem = { function: at.function ?? -1, file: at.file === true, named: at.named === true,
        line: at.line ?? 0, col: at.col ?? 0, code: at.missing ? 0 : d.code, text };
      const key = JSON.stringify(problem);
      if (!said.has(key)) problems.push(problem);
      said.add(key);
    }
    return problems;
  }

  // The JavaScript of a file, and for each of its lines a flat list of: a column (from 0), the line and column
  // of the TypeScript (from 1) that stands there.
  function compiledModule(made, name, own) {
    const base = name.replace(/\.ts$/, "");
    const js = made[base + ".js"].replace(/\/\/# sourceMappingURL=.*\s*$/, "");
    const lines = js.split("\n").map(() => []);
    const starts = ts.getLineStarts(own);
    const skip = name === "/file.ts" ? 0 : HEAD;
    const decoder = ts.decodeMappings(JSON.parse(made[base + ".js.map"]).mappings);
    for (let step = decoder.next(); !step.done; step = decoder.next()) {
      const m = step.value;
      if (m.sourceLine === undefined || m.sourceLine < skip || !lines[m.generatedLine]) continue;
      const start = starts[m.sourceLine];
      lines[m.generatedLine].push(m.generatedCharacter, m.sourceLine + 1 - skip, columnOf(own, start, start + m.sourceCharacter));
    }
    return { js, map: lines };
  }

  function check(text) {
    const request = JSON.parse(text);
    const files = build(request);
    const world = host(files);
    const program = ts.createProgram(Object.keys(files), {
      target: 7, module: 1, strict: true, lib: ["lib.es2020.d.ts"], types: [], noEmitOnError: true,
      sourceMap: true, skipLibCheck: true,
    }, world);
    const user = [...world.own.values()].filter((f) => /^\/(f\d+|file)\.ts$/.test(f.fileName));
    let list = program.getSyntacticDiagnostics();
    if (list.length === 0) {
      const broken = user.filter((f) => f.fileName !== "/file.ts" && !isOneExpression(f));
      list = broken.map((file) => ({ file, start: file.text.indexOf("\n") + 1, code: 0,
        text: "one expression is expected here: a function such as (row: Row): string => row.name" }));
    }
    if (list.length === 0) {
      list = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...program.getSemanticDiagnostics()];
      const checker = program.getTypeChecker();
      // That a module is not found (2307) is no news: none may be asked for.
      list = list.filter((d) => d.code !== 2307);
      for (const file of user) list.push(...refusals(file, checker));
    }
    const problems = report(request, world.own, list);
    if (problems.length > 0) return JSON.stringify({ problems });
    program.emit();
    const names = user.map((f) => f.fileName);
    const modules = names.map((name) => compiledModule(world.output, name, world.own.get(name)));
    const module = request.functions.map((f, i) => names.indexOf(f.text !== undefined ? `/f${i}.ts` : "/file.ts"));
    return JSON.stringify({ problems, typescript: ts.version, modules, module });
  }

  return check;
})();
