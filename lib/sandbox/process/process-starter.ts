import { dirname } from 'node:path';
import { messageOf } from '../../common/errors.js';
import { mostKeptMemoryMb } from '../../common/kept-memory.js';
import type { IsolationMode } from '../protocol.js';
import { SandboxStartError } from '../sandbox.errors.js';
import type { ProcessLimits } from '../sandbox.limits.js';
import { CHILD_ENTRY } from './child-entry.js';
import { childFlags } from './child-flags.js';
import { nodeBinary } from './node-binary.js';
import { SandboxProcess } from './sandbox-process.js';
import type { ProcessListener } from './sandbox-process.js';
import { startErrorOf } from './start-error.js';

/** How to start processes. */
export interface HowToStart {
  isolation: IsolationMode;
  permissions: boolean;
  /** Path of the Node.js binary. Default: this process's own. */
  nodePath: string | undefined;
  /** Path of the child's program. Default: the one in the running package. */
  childPath: string | undefined;
}

/** Starts all processes of a sandbox in the same way, to run scripts and to check sources. */
export class ProcessStarter {
  constructor(
    private readonly limits: ProcessLimits,
    private readonly how: HowToStart,
  ) {}

  /**
   * Starts a process. The listener learns whether the process becomes ready or fails.
   *
   * @throws SandboxStartError if the start can't be tried: a file or package is missing, or the system refuses
   */
  newProcess(listener: ProcessListener): SandboxProcess {
    try {
      return this.tryNewProcess(listener);
    } catch (error) {
      throw error instanceof SandboxStartError ? error : this.startError(messageOf(error), error);
    }
  }

  /** Why a process of {@link newProcess} did not start. */
  startError(stderr: string, cause?: unknown): SandboxStartError {
    return startErrorOf(stderr, this.how.childPath, cause);
  }

  private tryNewProcess(listener: ProcessListener): SandboxProcess {
    const { startTimeoutMs, memoryMb, retireAt } = this.limits;
    const { keptMemoryMb = mostKeptMemoryMb(memoryMb, retireAt) } = this.limits;
    const { isolation, permissions, nodePath, childPath: child = CHILD_ENTRY } = this.how;
    const node = nodeBinary(nodePath);
    const program = {
      command: node.path,
      args: [...childFlags(permissions, node, child), child, String(keptMemoryMb)],
      cwd: dirname(child),
    };
    const options = { program, isolation, keptMemoryMb, startTimeoutMs, memoryMb };
    return new SandboxProcess(options, listener);
  }
}
