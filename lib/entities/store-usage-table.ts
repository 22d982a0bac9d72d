/** How much the store of each tenant takes. Has no entity. */
export const STORE_USAGE_TABLE = 'script_store_usage';
