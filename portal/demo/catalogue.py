"""The prompts and the model, as content for `governance.catalog`."""

from typing import Any

from django.conf import settings

MODEL_SLUG = "smollm2-135m-instruct"


def model(weights_sha256: str) -> dict[str, Any]:
    """The model version: greedy sampling, with a penalty against the repetitions of a small model."""
    return {
        "provider": "default",
        "model": settings.LLM_MODEL,
        "parameters": {
            "temperature": "0",
            "top_p": "1",
            "frequency_penalty": "0.6",
            "max_tokens": 120,
            "seed": 1,
        },
        "context_tokens": 4096,
        "weights_sha256": weights_sha256 or None,
        "licence": "Apache-2.0" if weights_sha256 else "",
    }


LABEL_PROMPT = {
    "messages": [
        {"role": "system", "content": "You sort letters that customers write to a bank."},
        {
            "role": "user",
            "content": (
                "Which of these is the letter about: "
                "card dispute, fees, loan, account access, service, other?\n\n"
                "Letter:\n{letter}\n\nAnswer with one label."
            ),
        },
    ],
    "variables": [
        {
            "name": "letter",
            "description": "The letter without card, account and telephone numbers",
            "max_characters": 8000,
        }
    ],
}

SUMMARY_PROMPT = {
    "messages": [
        {
            "role": "user",
            "content": "Summarise this complaint to a bank in two short sentences.\n\nComplaint:\n{letter}",
        },
    ],
    "variables": [
        {
            "name": "letter",
            "description": "The letter without card, account and telephone numbers",
            "max_characters": 8000,
        }
    ],
}

REPLY_VARIABLES = [
    {"name": "summary", "description": "What the customer complains about", "max_characters": 2000},
    {"name": "topic", "description": "The label that the letter was given", "max_characters": 40},
]

FIRST_REPLY_PROMPT = {
    "messages": [
        {"role": "system", "content": "You answer complaints for Northwind Bank."},
        {
            "role": "user",
            "content": (
                "Write a reply to the customer in at most four sentences.\n"
                "Apologise and promise a refund.\n\n"
                "Topic: {topic}\n"
                "Complaint: {summary}"
            ),
        },
    ],
    "variables": REPLY_VARIABLES,
}

SECOND_REPLY_PROMPT = {
    "messages": [
        {
            "role": "system",
            "content": "You answer complaints for Northwind Bank. You are polite, brief and honest.",
        },
        {
            "role": "user",
            "content": (
                "Write a reply to the customer in at most three sentences.\n"
                "Apologise. "
                "Say that a person at the bank will look into it and answer within five working days.\n"
                "Do not promise money.\n\n"
                "Topic: {topic}\n"
                "Complaint: {summary}"
            ),
        },
    ],
    "variables": REPLY_VARIABLES,
}

THIRD_REPLY_PROMPT = {
    "messages": [
        SECOND_REPLY_PROMPT["messages"][0],  # type: ignore[index]
        {
            "role": "user",
            "content": (
                "Write a reply to the customer in at most three sentences.\n"
                "Thank the customer for writing, then apologise.\n"
                "Say that a person at the bank will look into it and answer within three working days.\n"
                "Do not promise money.\n\n"
                "Topic: {topic}\n"
                "Complaint: {summary}"
            ),
        },
    ],
    "variables": REPLY_VARIABLES,
}
