/** Where the application stands between its start and its end. */
export type RunPhaseName = 'starting' | 'running' | 'stopping' | 'stopped';

/** The phase this application is in: written by the lifecycle, read by whoever asks how it is. */
export class RunPhase {
  current: RunPhaseName = 'starting';
}
