#!/usr/bin/env node
import 'reflect-metadata';
import { callCommand } from './command-line.js';
import { Terminal } from './terminal.js';

void callCommand(process.argv.slice(2), new Terminal()).then((code) => (process.exitCode = code));
