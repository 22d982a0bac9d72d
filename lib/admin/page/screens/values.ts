/** The screens of secrets, the store and variables, in one file that loads when the first of them is opened. */
export { Secrets } from './secrets';
export { Store } from './store';
export { Variables } from './variables';
