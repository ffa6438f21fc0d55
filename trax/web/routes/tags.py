"""Words by which people find transcripts again."""

from fastapi import APIRouter

from trax.service.tags import set_tags
from trax.web.asking import Editor, Reader, TheService
from trax.web.problems import responses
from trax.web.views.tags import TagCount, TagList, Tags

router = APIRouter(prefix="/v1", tags=["transcripts"])

_OF_TRANSCRIPT = "/transcripts/{transcript_id}/tags"


@router.get("/tags", summary="List tags")
def index(service: TheService, caller: Reader) -> TagList:
    """Of the transcripts that you see, with how many have each."""
    found = service.workspace.tags.all(caller.sight)
    return TagList(items=[TagCount.model_validate(each) for each in found])


@router.get(_OF_TRANSCRIPT, summary="Show a transcript's tags", responses=responses(404))
def get(transcript_id: str, service: TheService, caller: Reader) -> Tags:
    """By name."""
    known = service.workspace.repository.resolve(transcript_id, caller.sight)
    return Tags(tags=list(service.workspace.tags.of(known)))


@router.put(_OF_TRANSCRIPT, summary="Tag a transcript", responses=responses(404))
def put(transcript_id: str, body: Tags, service: TheService, caller: Editor) -> Tags:
    """With these and no others. Whoever sees the transcript sees them."""
    known = service.workspace.repository.resolve(transcript_id, caller.sight)
    return Tags(tags=list(set_tags(service.workspace.tags, known, body.tags)))
