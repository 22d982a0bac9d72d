#!/usr/bin/env node
import 'reflect-metadata';
import { CommanderError } from 'commander';
import { EXIT } from './exit-codes.js';
import { program } from './program.js';
import { Terminal } from './terminal.js';

const terminal = new Terminal();

async function main(): Promise<number> {
  let code: number = EXIT.completed;
  try {
    await program(terminal, (ended) => (code = ended)).parseAsync();
  } catch (error) {
    // Commander has already printed its message. Help and version end with success, everything else is a usage error.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.completed : EXIT.environment;
    terminal.error(error);
    return EXIT.environment;
  }
  return code;
}

void main().then((code) => (process.exitCode = code));
