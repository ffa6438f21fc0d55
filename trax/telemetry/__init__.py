"""What those who run Trax see of it: logs, traces, reports of defects. None has a word of a
recording in it, nor a name or a token.
"""
