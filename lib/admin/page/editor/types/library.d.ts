declare module 'typescript-library:es2023' {
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
