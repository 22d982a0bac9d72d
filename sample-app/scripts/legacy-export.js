// A system that is gone for good: every attempt fails until the retries are used up. The dead letter then waits, with
// its history, for somebody to correct the script and replay it.
throw new Error('Legacy ERP does not answer: connection refused');
