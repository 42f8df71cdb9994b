import type { types } from "@slack/bolt";

/** The buttons below replies, and what a click on them carries. */

export const FEEDBACK_ACTION = "patchbay_feedback";
/** Beside a reply that is under way. */
export const STOP_ACTION = "patchbay_stop";

export const FEEDBACK: types.ContextActionsBlock = {
  type: "context_actions",
  elements: [
    {
      type: "feedback_buttons",
      action_id: FEEDBACK_ACTION,
      positive_button: {
        text: { type: "plain_text", text: "Good" },
        accessibility_label: "This answer was good",
        value: "good",
      },
      negative_button: {
        text: { type: "plain_text", text: "Bad" },
        accessibility_label: "This answer was bad",
        value: "bad",
      },
    },
  ],
};
