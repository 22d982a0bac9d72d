// Tells a channel that a client has left. The token is a secret: this script uses it and never reads it.
const answer = await http.fetch({
  url: `${vars.chat_url}/api/chat.postMessage`,
  method: 'POST',
  headers: { authorization: `Bearer ${secrets.chat_token}` },
  json: { channel: vars.get('farewell_channel', '#sales'), text: `${ctx.input.name} has left us.` },
});
return answer.json;
