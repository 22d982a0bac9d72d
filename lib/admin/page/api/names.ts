/** The name of a record’s script. */
export const nameOf = ({ scriptName }: { scriptName: string | null }): string =>
  scriptName ?? 'Deleted script';
