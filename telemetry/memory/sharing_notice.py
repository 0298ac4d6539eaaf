"""What a person is told before memory is shared with personas (contract §10)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from telemetry.notices import Notice

NOTICE_VERSION = "1"


def current_sharing_notice() -> Notice:
    """The notice as a grant of ``share:persona`` has to show it now, in the reader's language."""
    return Notice(
        version=NOTICE_VERSION,
        title=_("Sharing memory with personas"),
        paragraphs=(
            _(
                "What is shared: memory items of whom the lease is for, as far as they belong to "
                "the same workspace, project or agent as a persona. A lease for anyone signed in "
                "shares the items of everybody; a scope narrows it to some personas. Items that "
                "are written while the lease lasts are shared too."
            ),
            _(
                "What happens with it: suggestions for a persona's worldview may rest on these "
                "items and cite them. Each suggestion is a proposal that a person decides on."
            ),
            _(
                "Who reads it: while an item is shared, every member of this server. What is not "
                "shared is read by whoever wrote it and by nobody else, not even by admins. "
                "Secrets and personal data that are recognised are removed before an item is "
                "stored."
            ),
            _(
                "How to take it back: revoke the lease, or wait until it ends. From then on the "
                "items are private again and no further suggestion rests on them. Beliefs that "
                "were approved stay; those that rest on nothing else are marked. Whoever wrote an "
                "item can erase it at any time. What a suggestion has quoted by then stays in the "
                "proposal and in the history of the persona. Receipts say who shared and who took "
                "it back; receipts stay."
            ),
        ),
    )
