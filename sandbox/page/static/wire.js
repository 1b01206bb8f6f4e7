// Talks to the local Telegram: acts of its control API, what the page starts with, and the stream of events.

export async function act(name, parameters = {}) {
  const answer = await fetch(`/control/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(parameters),
  });
  const body = await answer.json();
  if (!body.ok) throw new Error(body.description);
  return body.result;
}

export async function get(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// `onChange(connected)` is told when the stream opens or breaks; the browser connects again by itself.
export function listen(onEvent, onChange) {
  const stream = new EventSource("/page/events");
  stream.onmessage = (message) => onEvent(JSON.parse(message.data));
  stream.onopen = () => onChange(true);
  stream.onerror = () => onChange(false);
}
