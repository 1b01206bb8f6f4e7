// What the product's words mean to a newcomer.

export const DISPOSITIONS = {
  SEND: { tone: "send", icon: "check", title: "Answered", text: "Every check agreed that this may be said." },
  REVIEW: { tone: "review", icon: "eye", title: "Answered, to be reviewed", text: "It was said at once, marked as not yet checked, and waits for a specialist's eyes." },
  DECLINE: { tone: "decline", icon: "stop", title: "Kindly declined", text: "A fixed sentence was said instead of an answer." },
  HOLD: { tone: "hold", icon: "hand", title: "A specialist would decide here", text: "Only what is safe to say was said. The personal answer waits until a specialist releases it." },
  EMERGENCY: { tone: "emergency", icon: "alarm", title: "Emergency text, sent at once", text: "Fixed words, chosen by rules before any model or database was asked. In this sandbox nobody is called." },
};

export const CATEGORIES = {
  emergency: "Emergency", self_harm: "Danger to oneself", urgent_medical: "Needs a clinician soon",
  pregnancy_or_minor: "Pregnancy, or under 18", medication_dosing: "Personal question about a medicine",
  prompt_injection: "Attempt to change the rules", abuse: "Abuse", out_of_scope: "Another topic", routine: "Everyday question",
};

export const CAUSES = {
  flagged: "A check asked for it", sampled: "Drawn at random", canary: "A new model is on trial", unanswered: "No answer was found",
  reported: "The patient reported it", moderator: "A moderator asked", gold: "A known case, to calibrate",
};

export const KINDS = { fixed: "Fixed words", cited: "Cited from sources", held: "Released by a specialist", draft: "Draft", approved: "Words that experts approved" };

export const MARKS = { unchecked: "marked “not yet checked by a specialist”", checked: "marked as checked by specialists" };

export const STEPS = { before_ms: "Read and queued", respond_ms: "Drafted, checked", write_ms: "Written down", send_ms: "Sent" };

export const STATES = { due: "waiting to be sent", sending: "being sent", sent: "sent", uncertain: "unsure whether it arrived", refused: "refused by Telegram" };

export const GRADES = { A: "A: guideline, regulator or strong evidence", B: "B: good evidence or a recognised body", C: "C: weaker evidence" };

export function readable(name) {
  const text = String(name).replaceAll("_", " ").replaceAll(".", " · ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function milliseconds(value) {
  if (typeof value !== "number") return String(value);
  if (value >= 10000) return `${(value / 1000).toFixed(1)} s`;
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ms`;
}
