/** What the scripts of a tenant use besides their events: screens that come when one of them is opened. */
export { Secrets } from './secrets';
export { Variables } from './variables';
