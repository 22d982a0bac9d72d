/** What the scripts of a tenant use besides their events, and what they remember: screens that come when one of them is opened. */
export { Secrets } from './secrets';
export { Store } from './store';
export { Variables } from './variables';
