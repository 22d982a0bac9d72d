/** A plain page of the sample. */
export const documentOf = (
  title: string,
  body: string,
): string => `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:28rem;margin:12vh auto;padding:0 1rem}
button{font:inherit;width:100%;padding:.7rem 1rem;text-align:start;cursor:pointer}</style><h1>${title}</h1>${body}</html>`;
