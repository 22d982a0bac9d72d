import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The user who runs the server's programs. Empty if this process has an ordinary user, who then runs them. */
export interface ServerUser {
  uid?: number;
  gid?: number;
}

/** PostgreSQL refuses to run as root. So root runs it as `postgres`, which is created if necessary, or else as `nobody`. */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {};
  const user = (await idsOf('postgres')) ?? (await createdUser()) ?? (await idsOf('nobody'));
  if (!user)
    throw new Error(
      'PostgreSQL cannot run as root, and there is no user "postgres": create one, or run as another user.',
    );
  return user;
}

/** The first folder for temporary files that the server's user can enter. It may not be able to enter root's. */
export async function scratchFolder(user: ServerUser): Promise<string> {
  const candidates = [...new Set([tmpdir(), '/tmp', '/var/tmp'])];
  for (const folder of candidates) if (await canEnter(user, folder)) return folder;
  throw new Error(
    `The user that runs PostgreSQL can enter none of ${candidates.join(', ')}: set TMPDIR to a folder open to it.`,
  );
}

/** Whether the server's user gets into a folder, through all folders above it. */
export async function canEnter(user: ServerUser, folder: string): Promise<boolean> {
  if (user.uid === undefined) return true;
  return run('/bin/sh', ['-c', 'cd "$0"', folder], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

async function createdUser(): Promise<ServerUser | undefined> {
  // `useradd` fails if it isn't installed, or if another process creates the same user at the same time.
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(() => undefined);
  return idsOf('postgres');
}

async function idsOf(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}
