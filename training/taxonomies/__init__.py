"""Public taxonomies that seed a lexicon: what their official downloads hold, as concepts.

Their labels are published, so they may enter a lexicon without a candidate: such a skill or alias counts 0
candidates. What candidates write stays as it is: a taxonomy adds skills and aliases, and merges none of them.
"""

from training.taxonomies.concepts import Concept
from training.taxonomies.esco import read_esco
from training.taxonomies.onet import read_onet

__all__ = ["Concept", "read_esco", "read_onet"]
