import type * as TypeScript from 'typescript';
import { completionType, nearness } from './completion.kinds.js';
import { plainMessage } from './plain-message.js';
import type {
  Answers,
  CallHelp,
  CompletionOption,
  Completions,
  Meaning,
  Question,
  ScriptText,
  Span,
  TypeProblem,
} from './types.messages.js';

/** Texts of TypeScript's `lib.*.d.ts` files, by file name. */
export type Library = Readonly<Record<string, string>>;

const LIBRARY = '/library/';
const TYPES = '/scope.d.ts';

/**
 * The text around a script, which is the body of an async function. At the top level of a file, the compiler would
 * refuse `return` and not check what it returns.
 */
const BEFORE = '(async function () {';
const AFTER = '\n})';

/**
 * A script and the types in its scope, and the compiler's answers about it. The compiler options follow those that
 * `docs/command-line.md` recommends for other editors.
 */
export class ScriptProject {
  private readonly service: TypeScript.LanguageService;
  private text: ScriptText = { source: '', language: 'javascript', types: '' };
  private sourceVersion = 0;
  private typesVersion = 0;

  constructor(
    private readonly ts: typeof TypeScript,
    private readonly library: Library,
  ) {
    this.service = ts.createLanguageService(this.host(), ts.createDocumentRegistry());
  }

  /** Replaces the script. */
  write(text: ScriptText): void {
    if (text.source !== this.text.source || text.language !== this.text.language) this.sourceVersion += 1;
    if (text.types !== this.text.types) this.typesVersion += 1;
    this.text = text;
  }

  answer<Asked extends Question>(question: Asked): Answers[Asked['about']];
  answer(question: Question): Answers[keyof Answers] {
    switch (question.about) {
      case 'problems':
        return this.problems();
      case 'completions':
        return this.completions(question.at);
      case 'completion':
        return this.completion(question.at, question.name);
      case 'meaning':
        return this.meaning(question.at);
      case 'call':
        return this.call(question.at);
    }
  }

  private problems(): TypeProblem[] {
    const { ts, service, file } = this;
    const faults = [...service.getSyntacticDiagnostics(file), ...service.getSemanticDiagnostics(file)].map(
      (fault) => this.problem(fault, fault.category === ts.DiagnosticCategory.Error ? 'error' : 'warning'),
    );
    const hints = service.getSuggestionDiagnostics(file);
    const unused = hints.filter(({ reportsUnnecessary }) => reportsUnnecessary);
    const deprecated = hints.filter(({ reportsDeprecated }) => reportsDeprecated);
    return [
      ...faults,
      ...deprecated.map((hint) => this.problem(hint, 'warning')),
      ...unused.map((hint) => this.problem(hint, 'unused')),
    ];
  }

  private problem(
    { code, start = 0, length = 0, messageText }: TypeScript.Diagnostic,
    severity: TypeProblem['severity'],
  ): TypeProblem {
    const message = plainMessage(code, this.ts.flattenDiagnosticMessageText(messageText, '\n'));
    return { ...this.span({ start, length }), severity, message };
  }

  /** Turns a span of the file into one of the source. A missing brace may be reported beyond the end of the source. */
  private span({ start, length }: TypeScript.TextSpan): Span {
    const inSource = (at: number): number =>
      Math.min(Math.max(at - BEFORE.length, 0), this.text.source.length);
    return { from: inSource(start), to: inSource(start + length) };
  }

  private completions(at: number): Completions | null {
    const found = this.service.getCompletionsAtPosition(this.file, at + BEFORE.length, {
      includeCompletionsWithInsertText: true,
      includeAutomaticOptionalChainCompletions: true,
      includeCompletionsForModuleExports: false,
    });
    if (!found) return null;
    const word = found.optionalReplacementSpan
      ? this.span(found.optionalReplacementSpan).from
      : at - nameBefore(this.text.source, at).length;
    const options = found.entries
      // In JavaScript, TypeScript also offers every word of the file, whatever its meaning.
      .filter(({ kind }) => kind !== this.ts.ScriptElementKind.warning)
      .map((entry) => this.option(entry, word));
    return { from: word, options };
  }

  private option(
    { name, kind, insertText, replacementSpan, sortText }: TypeScript.CompletionEntry,
    word: number,
  ): CompletionOption {
    const over = replacementSpan && this.span(replacementSpan);
    return {
      label: name,
      type: completionType(kind),
      boost: nearness(sortText),
      ...(insertText === undefined || insertText === name ? {} : { insert: insertText }),
      ...(over && over.from !== word ? { over } : {}),
    };
  }

  private completion(at: number, name: string): Meaning | null {
    const details = this.service.getCompletionEntryDetails(
      this.file,
      at + BEFORE.length,
      name,
      undefined,
      undefined,
      undefined,
      undefined,
    );
    return details ? this.meant(details.displayParts, details.documentation, details.tags) : null;
  }

  private meaning(at: number): (Meaning & Span) | null {
    const found = this.service.getQuickInfoAtPosition(this.file, at + BEFORE.length);
    if (!found) return null;
    const meaning = this.meant(found.displayParts, found.documentation, found.tags);
    return { ...this.span(found.textSpan), ...meaning };
  }

  private call(at: number): CallHelp | null {
    const found = this.service.getSignatureHelpItems(this.file, at + BEFORE.length, undefined);
    const item = found?.items[found.selectedItemIndex];
    if (!found || !item) return null;
    const text = (parts: TypeScript.SymbolDisplayPart[]): string => this.ts.displayPartsToString(parts);
    const parameter = item.parameters[found.argumentIndex];
    return {
      before: text(item.prefixDisplayParts),
      parameters: item.parameters.map(({ displayParts }) => text(displayParts)),
      after: text(item.suffixDisplayParts),
      active: found.argumentIndex,
      documentation: text(
        parameter?.documentation.length ? parameter.documentation : item.documentation,
      ).replace(WRAPPED, ' '),
    };
  }

  private meant(
    signature: TypeScript.SymbolDisplayPart[] = [],
    documentation: TypeScript.SymbolDisplayPart[] = [],
    tags: TypeScript.JSDocTagInfo[] = [],
  ): Meaning {
    const said = tags.map(({ name, text }) => `@${name} ${this.ts.displayPartsToString(text)}`.trim());
    const text = this.ts.displayPartsToString(documentation).replace(WRAPPED, ' ');
    return {
      signature: this.ts.displayPartsToString(signature),
      documentation: [text, ...said].filter(Boolean).join('\n'),
    };
  }

  private get file(): string {
    return this.text.language === 'typescript' ? '/script.ts' : '/script.js';
  }

  private host(): TypeScript.LanguageServiceHost {
    const { ts } = this;
    const read = (name: string): string | undefined => {
      if (name === this.file) return BEFORE + this.text.source + AFTER;
      if (name === TYPES) return this.text.types;
      return name.startsWith(LIBRARY) ? this.library[name.slice(LIBRARY.length)] : undefined;
    };
    return {
      getCompilationSettings: () => this.options(),
      getScriptFileNames: () => [this.file, TYPES],
      getScriptVersion: (name) =>
        String(name === this.file ? this.sourceVersion : name === TYPES ? this.typesVersion : 0),
      getScriptSnapshot: (name) => {
        const text = read(name);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => '/',
      getDefaultLibFileName: () => `${LIBRARY}lib.es2023.d.ts`,
      fileExists: (name) => read(name) !== undefined,
      readFile: read,
    };
  }

  private options(): TypeScript.CompilerOptions {
    const { ts } = this;
    return {
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts'],
      types: [],
      module: ts.ModuleKind.ESNext,
      allowJs: true,
      checkJs: true,
      strict: true,
      // JavaScript has no syntax for the type of a parameter.
      noImplicitAny: this.text.language === 'typescript',
      useUnknownInCatchVariables: false,
      // Types are stripped, not compiled: an `enum` is refused when the script is saved.
      erasableSyntaxOnly: this.text.language === 'typescript',
      noEmit: true,
    };
  }
}

/** A line end within a paragraph of a doc comment. */
const WRAPPED = /(?<=[^\n])\n(?=[^\n\-*])/g;

/** The part of a name before an offset. */
const nameBefore = (source: string, at: number): string =>
  /[\p{ID_Continue}$]*$/u.exec(source.slice(Math.max(0, at - 200), at))?.[0] ?? '';
