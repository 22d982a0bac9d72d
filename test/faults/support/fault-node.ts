import { join } from 'node:path';
import { Program } from '../../support/program.js';
import type { Commands, NodeSetup } from './node.protocol.js';

/** An application in a process of its own. */
export type FaultNode = Program<Commands>;

/** Resolves when the application has started. */
export const startFaultNode = (setup: NodeSetup, nodeFlags: readonly string[] = []): Promise<FaultNode> =>
  Program.start<Commands>(join(__dirname, 'node.program.ts'), setup, nodeFlags);
