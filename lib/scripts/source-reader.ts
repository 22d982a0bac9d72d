import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { byteLength, toStorableText } from '../common/json.js';
import { valueInWords } from '../common/printable.js';
import { SCRIPT_LANGUAGES, type ScriptLanguage } from '../entities/index.js';
import { kindOf, typeCode, UNSTORABLE } from './field-values.js';
import type { ScriptIssues } from './script-issues.js';
import type { SourceText } from './script.types.js';
import { SourceChecker } from './source-checker.js';
import { TypeStripper } from './typescript/type-stripper.js';

/** Reads the source of a script that is to be saved or tested, and checks it as the sandbox will compile it. */
@Injectable()
export class SourceReader {
  constructor(
    private readonly sources: SourceChecker,
    private readonly types: TypeStripper,
  ) {}

  /** The source and what runs for it, or undefined after reporting what is wrong in `issues`. */
  async read(
    tenantId: string,
    { source, language }: { source?: unknown; language?: unknown },
    issues: ScriptIssues,
  ): Promise<SourceText | undefined> {
    if (typeof source !== 'string') {
      return issues.add('source', typeCode(source), `Expected the source as text, got ${kindOf(source)}.`);
    }
    if (!isLanguage(language)) {
      const shown = language === undefined ? kindOf(language) : valueInWords(language);
      return issues.add(
        'language',
        'unknown',
        `Unknown language ${shown}. Allowed: ${SCRIPT_LANGUAGES.join(', ')}.`,
      );
    }
    const bytes = byteLength(source);
    const { maxBytes } = this.sources;
    if (bytes <= maxBytes && source.trim() === '')
      return issues.add('source', 'required', 'The source must not be empty.');
    if (bytes > maxBytes) {
      return issues.add(
        'source',
        'length',
        `The source has ${bytes} bytes; the limit is ${maxBytes}. Split the script.`,
      );
    }
    const storable = toStorableText(source);
    if (storable !== source)
      return issues.add('source', 'characters', UNSTORABLE, lineOfDifference(source, storable));
    const compiled = await this.compile(tenantId, source, language, issues);
    if (compiled === undefined) return undefined;
    const checksum = createHash('sha256').update(source).digest('hex');
    return { source, language, compiled: language === 'javascript' ? null : compiled, checksum };
  }

  /** The JavaScript of a source, checked as the sandbox will compile it. */
  private async compile(
    tenantId: string,
    source: string,
    language: ScriptLanguage,
    issues: ScriptIssues,
  ): Promise<string | undefined> {
    const stripped =
      language === 'typescript' ? await this.types.strip(source, tenantId) : { javascript: source };
    const problem =
      'problem' in stripped ? stripped.problem : await this.sources.check(stripped.javascript, tenantId);
    if (problem)
      return issues.add('source', problem.code ?? 'syntax', problem.message, problem.line ?? undefined);
    return 'javascript' in stripped ? stripped.javascript : undefined;
  }
}

const isLanguage = (value: unknown): value is ScriptLanguage =>
  SCRIPT_LANGUAGES.includes(value as ScriptLanguage);

function lineOfDifference(source: string, changed: string): number {
  let at = 0;
  while (source.charCodeAt(at) === changed.charCodeAt(at)) at += 1;
  return source.slice(0, at).split('\n').length;
}
