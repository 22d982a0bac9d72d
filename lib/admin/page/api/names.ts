/** What a record’s script is called. */
export const nameOf = ({ scriptName }: { scriptName: string | null }): string =>
  scriptName ?? 'Deleted script';
