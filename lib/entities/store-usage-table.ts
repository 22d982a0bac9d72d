/** A table without an entity: how much the stores of each tenant hold. */
export const STORE_USAGE_TABLE = 'script_store_usage';
