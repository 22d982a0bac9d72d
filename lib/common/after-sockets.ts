/**
 * Calls back when the event loop has looked at its sockets. In one turn of the loop, timers run first, then sockets, then
 * this. So a timer that is late, because this process was busy, reads what has arrived meanwhile before it judges.
 */
export const afterSockets = (look: () => void): NodeJS.Immediate => setImmediate(look);
