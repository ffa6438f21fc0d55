"""Uploads as JSON."""

from datetime import datetime

from pydantic import Field

from trax.service.targets import LONGEST
from trax.web.views.base import Given, View


class UploadView(View):
    """A recording that was handed in."""

    id: str = Field(description="For jobs. Nobody can guess it.", examples=["Zk3pT0wQ1uA"])
    name: str = Field(description="What its file was called.", examples=["interview.mp3"])
    size_bytes: int
    sha256: str = Field(description="SHA-256 of its bytes, hex.")
    expires_at: datetime = Field(description="Until when a job can be made of it.")


class UrlUpload(Given):
    """A recording to fetch."""

    url: str = Field(max_length=LONGEST, description="Where it lies: `https://…`, public.")
