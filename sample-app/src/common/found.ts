import { NotFoundException } from '@nestjs/common';

/** The row, or 404. A row of another tenant is not found, so that nobody learns that it exists. */
export function found<T>(row: T | null, what: string, id: string): T {
  if (row) return row;
  throw new NotFoundException(`There is no ${what} ${id}.`);
}

/** Lists return only the newest rows. That is enough for a sample. */
export const NEWEST = { order: { createdAt: 'DESC' }, take: 50 } as const;
