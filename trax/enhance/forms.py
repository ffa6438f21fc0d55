"""The base of the JSON forms in which a model answers.

A form's name and docstring are part of the schema that is sent to the model.
"""

from pydantic import BaseModel, ConfigDict


class Form(BaseModel):
    """The form of an answer: nothing but its fields, none left out."""

    model_config = ConfigDict(extra="forbid")
