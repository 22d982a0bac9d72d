const { clientId, name, email } = ctx.input;
const problems = [];
if (name !== name.trim()) problems.push('name has blanks around it');
if (name === name.toUpperCase()) problems.push('name is all upper case');
if (/@(example|test)\./.test(email)) problems.push('e-mail is a test address');

if (problems.length > 0) sdk.log.warn('Client needs care', { clientId, problems });
return { clean: problems.length === 0, problems };
