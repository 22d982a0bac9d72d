import { LINKS } from '../base';

/** A link to the application whose events run scripts, if the host names it. */
export const OpenApplication = () =>
  LINKS.home ? (
    <p>
      <a href={LINKS.home} target="_blank" rel="noopener">
        Open the application in a new tab
      </a>
    </p>
  ) : null;
