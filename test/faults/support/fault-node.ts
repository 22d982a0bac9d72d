import { join } from 'node:path';
import { bundled } from '../../support/bundled-program.js';
import { CHILD_ENTRY } from '../../support/child-entry.js';
import { Program } from '../../support/program.js';
import { FULL } from '../../support/test-form.js';
import type { Commands, NodeSetup } from './node.protocol.js';

/** An application in its own process. */
export type FaultNode = Program<Commands>;

const PROGRAM = join(__dirname, 'node.program.ts');

/**
 * Resolves when the application has started. At full size it loads the built package and its dependencies, as most
 * applications do; otherwise a bundle of them.
 */
export async function startFaultNode(
  { options, ...setup }: NodeSetup,
  nodeFlags: readonly string[] = [],
): Promise<FaultNode> {
  if (FULL) return Program.start<Commands>(PROGRAM, { ...setup, options }, nodeFlags);
  const sandbox = { childPath: CHILD_ENTRY, ...options.sandbox };
  return Program.start<Commands>(
    await bundled(PROGRAM),
    { ...setup, options: { ...options, sandbox } },
    nodeFlags,
  );
}
