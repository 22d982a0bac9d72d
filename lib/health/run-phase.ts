/** The phases of an application, from start to end. */
export type RunPhaseName = 'starting' | 'running' | 'stopping' | 'stopped';

/** The current phase of this application. The lifecycle writes it; the health reads it. */
export class RunPhase {
  current: RunPhaseName = 'starting';
}
